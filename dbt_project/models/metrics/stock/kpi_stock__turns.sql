-- K40. Grain: one row a measure, location, category and ended month. Annual: never to be summed over months. Days are
-- kept in seconds.
{% set months = ref('int_kpi__turns') %}
{% set dims = ['location', 'region', 'category'] %}
{{ kpi_union([
    kpi_measure('K40', months, 'month_key', 'month_end_date', 'sold_cost_amount', 'mean_stock_amount', dims=dims),
    kpi_measure(
        'K40.dos', months, 'month_key', 'month_end_date', '365 * 86400 * mean_stock_amount', 'sold_cost_amount', dims=dims
    ),
]) }}
