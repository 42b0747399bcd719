-- K54. Grain: one row a measure and item in a channel (or one location of it) with a price at the end of a day.
{% set cuts = ref('int_kpi__price_cut') %}
{% set dims = ['channel', 'location', 'region', 'category'] %}
{{ kpi_union([
    kpi_measure(
        'K54', cuts, 'cut_key', 'cut_date', 'case when has_conflict or is_below_floor then 1 else 0 end',
        exclusion='cast(null as string)', dims=dims
    ),
    kpi_measure(
        'K54.floor', cuts, 'cut_key', 'cut_date', 'case when is_below_floor then 1 else 0 end',
        exclusion="case when not has_floor then 'no_data:no_floor' end", dims=dims
    ),
]) }}
