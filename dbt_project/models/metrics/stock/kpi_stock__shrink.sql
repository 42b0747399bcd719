-- K43. Grain: one row a measure and movement: losses, and goods sold at cost.
{% set moves = ref('int_kpi__shrink') %}
{% set dims = ['location', 'region', 'category'] %}
{{ kpi_union([
    kpi_measure('K43', moves, 'movement_id', 'event_date', 'net_loss_amount', 'sold_amount', dims=dims),
    kpi_measure('K43.gross', moves, 'movement_id', 'event_date', 'gross_loss_amount', 'sold_amount', dims=dims),
    kpi_measure('K43.known', moves, 'movement_id', 'event_date', 'known_loss_amount', 'sold_amount', dims=dims),
]) }}
