-- K28, K28.false_available, K28.hidden. Grain: one row a listed item of a channel and day, summed over the full hours
-- of the day; hours that do not count stand in a row of their own.
{% set offers = ref('int_kpi__offer_day') %}
{% set dims = ['channel', 'category'] %}
{{ kpi_union([
    kpi_measure(
        'K28', offers, 'item_key', 'date_day', 'recomputed_qty - difference_qty', 'recomputed_qty', dims=dims
    ),
    kpi_measure(
        'K28.false_available', offers, 'item_key', 'date_day', 'false_available_hours', 'published_hours', dims=dims
    ),
    kpi_measure('K28.hidden', offers, 'item_key', 'date_day', 'hidden_hours', 'available_hours', dims=dims),
]) }}
