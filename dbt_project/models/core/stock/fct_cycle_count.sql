-- Grain: one count of an item at a location, the first, blind one or a recount. Only first counts say how right the
-- book was; units add up over first counts of one day, never over a count and its recount.
select
    counts.count_id,
    counts.location_id,
    counts.sku,
    counts.count_no,
    counts.count_ts,
    {{ reporting_date('counts.count_ts') }} as count_date,
    counts.book_qty,
    counts.counted_qty,
    counts.counted_qty - counts.book_qty as difference_qty,
    counts.process_step,
    costs.unit_cost_amount,
    {{ mapped_dim('counts.location_id', 'locations.location_id') }} as location,
    coalesce(locations.region, 'UNKNOWN') as region,
    coalesce(products.category, 'UNKNOWN') as category,
    {{ evidence('cycle_count', 'counts') }}
from (
    select
        *,
        {{ reporting_date('count_ts') }} as cost_date
    from {{ ref('stg_wms__cycle_count') }}
) as counts
left join {{ ref('dim_location') }} as locations
    on counts.location_id = locations.location_id
left join {{ ref('dim_product') }} as products
    on counts.sku = products.sku
left join {{ ref('dim_item_cost') }} as costs
    on
        counts.sku = costs.sku
        and counts.cost_date >= costs.valid_from_date
        and counts.cost_date < costs.valid_to_date
