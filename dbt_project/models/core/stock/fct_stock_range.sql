-- Grain: one interval of days in which an item is ranged at a location whose stock is known, both included: from the
-- day after the location's opening balance. Intervals of a pair do not overlap.
with

ledger_starts as (
    select
        location_id,
        {{ add_days(reporting_date('min(event_ts)'), 1) }} as first_known_date
    from {{ ref('fct_stock_movement') }}
    where movement_type = 'opening'
    group by location_id
)

select
    ranges.location_id,
    ranges.sku,
    greatest(ranges.valid_from, ledger_starts.first_known_date) as first_date,
    ranges.valid_to as last_date,
    {{ mapped_dim('ranges.location_id', 'locations.location_id') }} as location,
    coalesce(locations.region, 'UNKNOWN') as region,
    coalesce(products.category, 'UNKNOWN') as category,
    coalesce(products.supplier, 'UNKNOWN') as supplier,
    cast('assortment' as string) as source_entity,
    ranges._file_digest,
    ranges._line
from {{ ref('int_stock__range_interval') }} as ranges
inner join ledger_starts
    on ranges.location_id = ledger_starts.location_id
left join {{ ref('dim_location') }} as locations
    on ranges.location_id = locations.location_id
left join {{ ref('dim_product') }} as products
    on ranges.sku = products.sku
where ranges.valid_to >= ledger_starts.first_known_date
