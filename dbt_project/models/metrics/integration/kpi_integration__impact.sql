-- K100. Grain: one row a measure and order touched by a message that failed or came too late.
{% set orders = ref('int_kpi__message_impact') %}
{% set dims = ['process', 'interface', 'channel', 'region'] %}
{% set measures = [kpi_measure('K100', orders, 'order_id', 'event_date', '1', dims=dims)] %}
{% for name, numerator, missing in [
    ('units', 'ordered_qty', 'no_lines'),
    ('revenue', 'net_amount', 'no_price'),
    ('margin', 'margin_amount', 'no_cost'),
    ('sla_minutes', decimal_of('cast(late_seconds as double) / 60', 38, 6), 'no_service_level'),
    ('gl_value', 'gross_amount', 'no_document')
] %}
    {% do measures.append(kpi_measure(
        'K100.' ~ name, orders, 'order_id', 'event_date', numerator,
        exclusion="coalesce(exclusion_reason, case when " ~ numerator ~ " is null then 'no_data:" ~ missing ~ "' end)", dims=dims
    )) %}
{% endfor %}
{% do measures.append(kpi_measure(
    'K100.customers', orders, 'order_id', 'event_date', '1', dims=dims,
    where='is_first_of_customer and customer_id is not null'
)) %}
{{ kpi_union(measures) }}
