-- K76. Grain: one row a measure and invoiced order line or refund of one.
{% set lines = ref('int_kpi__tax_line') %}
{% set dims = ['channel', 'region', 'category'] %}
{% set known %}
coalesce(
    exclusion_reason, case when is_missing then 'no_data:no_tax_metadata' when not has_rate then 'no_data:no_rate' end
)
{% endset %}
{{ kpi_union([
    kpi_measure(
        'K76', lines, 'tax_key', 'item_date', 'variance_amount', 'recomputed_amount', exclusion=known, dims=dims
    ),
    kpi_measure('K76.missing', lines, 'tax_key', 'item_date', 'case when is_missing then 1 else 0 end', dims=dims),
]) }}
