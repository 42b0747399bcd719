-- K53. Grain: one row a measure and sold line on which a promotion should have applied or did.
{% set lines = ref('int_kpi__promotion_sale') %}
{% set dims = ['channel', 'location', 'region', 'category', 'promotion'] %}
{{ kpi_union([
    kpi_measure('K53', lines, 'sale_key', 'sale_date', 'case when is_error then 1 else 0 end', dims=dims),
    kpi_measure(
        'K53.over', lines, 'sale_key', 'sale_date', 'case when is_error then greatest(difference_amount, 0) else 0 end',
        dims=dims
    ),
    kpi_measure(
        'K53.under', lines, 'sale_key', 'sale_date',
        'case when is_error then greatest(-difference_amount, 0) else 0 end', dims=dims
    ),
]) }}
