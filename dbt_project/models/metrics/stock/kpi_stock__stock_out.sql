-- K34. Grain: one row an item, location and day on which it is ranged and the location is open.
with days as (
    {{ ranged_days() }}
)

{{ kpi_measure(
    'K34', 'days', "location_id || '|' || sku || '|' || cast(date_day as string)", 'date_day',
    'case when is_stock_out then 1 else 0 end', exclusion='cast(null as string)',
    dims=['location', 'region', 'category', 'supplier']
) }}
