-- K27. Grain: one row an item and location at as_of; K27.channel: item and channel. Stock: never to be summed over
-- time, and K27.channel not over channels either, which share units.
{{ kpi_union([
    kpi_measure(
        'K27', ref('fct_available_to_sell'), "sku || '|' || location_id", reporting_date(as_of()), 'free_qty',
        exclusion='cast(null as string)', dims=['location', 'region', 'category']
    ),
    kpi_measure(
        'K27.channel', ref('fct_channel_available'), "sku || '|' || channel_id", reporting_date(as_of()), 'ats_qty',
        exclusion="case when not is_stock_known then 'no_data:no_stock' end", dims=['channel', 'category']
    ),
]) }}
