-- K12. Grain: one row a part of an order line that left a node; for K12.errors one more a part in error, by its first
-- error.
{% set parts = ref('int_kpi__shipped_line') %}
{% set dims = ['channel', 'location', 'region', 'category', 'order_type'] %}
{{ kpi_union([
    kpi_measure(
        'K12', parts, 'fulfilment_line_id', 'left_date', 'case when error_code is null then 1 else 0 end', dims=dims
    ),
    kpi_measure('K12.errors', parts, 'fulfilment_line_id', 'left_date', '0', dims=dims + ['reason'], reason="'NONE'"),
    kpi_measure(
        'K12.errors', parts, 'fulfilment_line_id', 'left_date', '1', '0', dims=dims + ['reason'], reason='error_code',
        where='error_code is not null and exclusion_reason is null'
    ),
]) }}
