-- Grain: one item due for counting at a location by a day, with when it was first counted for it: from seven days
-- before the day until its end.
with

counted as (
    select
        plans.location_id,
        plans.sku,
        plans.due_date,
        min(counts.count_ts) as counted_ts
    from {{ ref('stg_wms__count_plan') }} as plans
    inner join {{ ref('fct_cycle_count') }} as counts
        on
            plans.location_id = counts.location_id
            and plans.sku = counts.sku
            and plans.due_date >= counts.count_date
            and {{ add_days('plans.due_date', -7) }} < counts.count_date
    group by plans.location_id, plans.sku, plans.due_date
)

select
    plans.location_id,
    plans.sku,
    plans.due_date,
    counted.counted_ts,
    {{ mapped_dim('plans.location_id', 'locations.location_id') }} as location,
    coalesce(locations.region, 'UNKNOWN') as region,
    coalesce(products.category, 'UNKNOWN') as category,
    {{ evidence('count_plan', 'plans') }}
from {{ ref('stg_wms__count_plan') }} as plans
left join counted
    on
        plans.location_id = counted.location_id
        and plans.sku = counted.sku
        and plans.due_date = counted.due_date
left join {{ ref('dim_location') }} as locations
    on plans.location_id = locations.location_id
left join {{ ref('dim_product') }} as products
    on plans.sku = products.sku
