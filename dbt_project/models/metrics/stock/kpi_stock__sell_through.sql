-- K38. Grain: one row a measure, item, location and ended window of four weeks.
{% set windows = ref('int_kpi__sell_through') %}
{% set dims = ['location', 'region', 'category', 'supplier'] %}
{{ kpi_union([
    kpi_measure(
        'K38', windows, 'window_key', 'window_end_date', 'sold_qty', 'offered_qty', exclusion='cast(null as string)',
        dims=dims
    ),
    kpi_measure(
        'K38.of_closing', windows, 'window_key', 'window_end_date', 'sold_qty', 'sold_qty + closing_qty',
        exclusion='cast(null as string)', dims=dims
    ),
]) }}
