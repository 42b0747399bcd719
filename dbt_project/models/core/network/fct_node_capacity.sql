-- Grain: one location and day. Units and minutes add up over locations and days; minutes of a unit must not be summed.
select
    capacities.location_id,
    capacities.capacity_date,
    capacities.is_open,
    capacities.units_capacity,
    capacities.rostered_minutes,
    capacities.standard_unit_minutes,
    {{ mapped_dim('capacities.location_id', 'locations.location_id') }} as location,
    coalesce(locations.region, 'UNKNOWN') as region,
    {{ evidence('node_capacity', 'capacities') }}
from {{ ref('stg_wms__node_capacity') }} as capacities
left join {{ ref('dim_location') }} as locations
    on capacities.location_id = locations.location_id
