-- K69. Grain: one row a measure and received return line. The channel is that of the sale, the location that of the
-- receipt.
{% set lines = ref('int_kpi__return_scope') %}
{% set dims = ['channel', 'location', 'region', 'category'] %}
{% set known = "coalesce(exclusion_reason, case when not has_known_sale then 'out:unknown_sale' end)" %}
{{ kpi_union([
    kpi_measure(
        'K69', lines, 'return_key', 'goods_received_date', 'case when is_other_channel then received_qty else 0 end',
        'received_qty', exclusion=known, dims=dims, where='goods_received_date is not null'
    ),
    kpi_measure(
        'K69.location', lines, 'return_key', 'goods_received_date', 'case when is_other_location then received_qty else 0 end',
        'received_qty', exclusion=known, dims=dims, where='goods_received_date is not null'
    ),
]) }}
