-- K01. Grain: one row a measure and order due; K01.line: order line due. A flag that cannot be judged is no_data.
{% set orders = ref('int_kpi__perfect_order') %}
{% set dims = ['channel', 'location', 'region', 'order_type'] %}
{% set all_flags = 'in_full * on_time * docs_ok * condition_ok' %}
{% set unjudged %}
    coalesce(
        exclusion_reason,
        case
            when in_full is null then 'no_data:in_full'
            when on_time is null then 'no_data:on_time'
            when docs_ok is null then 'no_data:docs_ok'
            when condition_ok is null then 'no_data:condition_ok'
        end
    )
{% endset %}
{% set measures = [
    kpi_measure('K01', orders, 'order_id', 'due_date', all_flags, exclusion=unjudged | trim, dims=dims)
] %}
{% for flag in ['in_full', 'on_time', 'docs_ok', 'condition_ok'] %}
    {% set missing = "coalesce(exclusion_reason, case when " ~ flag ~ " is null then 'no_data:" ~ flag ~ "' end)" %}
    {% do measures.append(
        kpi_measure('K01.' ~ flag, orders, 'order_id', 'due_date', flag, exclusion=missing, dims=dims)
    ) %}
{% endfor %}
{% do measures.append(kpi_measure(
    'K01.line', ref('int_kpi__perfect_line'), 'order_line_key', 'due_date', all_flags, exclusion=unjudged | trim,
    dims=dims + ['category'], where='is_due'
)) %}
{{ kpi_union(measures) }}
