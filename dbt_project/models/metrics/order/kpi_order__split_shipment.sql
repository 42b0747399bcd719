-- K11. Grain: one row a measure and order that left completely.
{% set orders = ref('int_kpi__order_shipment') %}
{% set dims = ['channel', 'region', 'order_type'] %}
{{ kpi_union([
    kpi_measure(
        'K11', orders, 'order_id', 'last_shipped_date', 'case when shipment_count > 1 then 1 else 0 end', dims=dims
    ),
    kpi_measure(
        'K11.extra_cost', orders, 'order_id', 'last_shipped_date', 'extra_amount',
        exclusion="coalesce(exclusion_reason, case when extra_amount is null then 'no_data:no_freight' end)", dims=dims,
        where='shipment_count > 1'
    ),
]) }}
