-- Grain: one stretch of time of a node and day at it with the units due out on that day as far as they were
-- assigned by then, from its beginning on with those overdue (K18). What leaves stays counted, what is refused
-- or cancelled does not. Days that could pass no limit, and days on which the node does not work, have no row.
{{ config(contract={"enforced": false}) }}

with parts as (

    select *
    from {{ ref("int_kpi__fulfilment_step") }}
    where exclusion_reason is null and due_out_date is not null

),

changes as (

    select
        location_id,
        due_out_date as load_date,
        assigned_ts as from_ts,
        requested_qty as more_qty
    from parts
    union all
    select
        location_id,
        due_out_date as load_date,
        ended_ts as from_ts,
        -requested_qty as more_qty
    from parts
    where left_ts is null and ended_date <= due_out_date
    union all
    select
        days.location_id,
        days.date_day as load_date,
        {{ local_instant("days.date_day", "'00:00'", "coalesce(locations.time_zone, " ~ reporting_zone() ~ ")") }}
            as from_ts,
        days.overdue_qty as more_qty
    from {{ ref("int_kpi__node_day") }} as days
    left join {{ ref("dim_location") }} as locations on days.location_id = locations.location_id
    where days.overdue_qty > 0

),

limits as (

    select min(threshold_value) as least_limit
    from {{ ref("dim_control_threshold") }}
    where code in ('E20', 'E21') and parameter in ('open', 'close')

),

loaded_days as (

    select
        location_id,
        load_date,
        sum(greatest(more_qty, 0)) as most_qty
    from changes
    group by location_id, load_date

),

days as (

    select
        loaded.location_id,
        loaded.load_date,
        capacities.units_capacity,
        capacities.rostered_minutes,
        capacities.standard_unit_minutes,
        capacities.first_received_ts as known_ts,
        capacities._file_digest,
        capacities._line,
        {{ mapped_dim("loaded.location_id", "locations.location_id") }} as location,
        coalesce(locations.region, 'UNKNOWN') as region
    from loaded_days as loaded
    cross join limits
    left join {{ ref("fct_node_capacity") }} as capacities
        on loaded.location_id = capacities.location_id and loaded.load_date = capacities.capacity_date
    left join {{ ref("dim_location") }} as locations on loaded.location_id = locations.location_id
    left join {{ ref("dim_location_day") }} as calendar
        on loaded.location_id = calendar.location_id and loaded.load_date = calendar.date_day
    where
        coalesce(capacities.is_open, calendar.is_open, true)
        and (
            coalesce(loaded.most_qty > limits.least_limit * capacities.units_capacity, true)
            or coalesce(
                loaded.most_qty * capacities.standard_unit_minutes > limits.least_limit * capacities.rostered_minutes,
                true
            )
        )

),

summed as (

    select
        changes.location_id,
        changes.load_date,
        changes.from_ts,
        sum(changes.more_qty) as more_qty
    from changes
    inner join days on changes.location_id = days.location_id and changes.load_date = days.load_date
    group by changes.location_id, changes.load_date, changes.from_ts

)

select
    summed.location_id,
    summed.load_date,
    summed.from_ts,
    lead(summed.from_ts) over by_change as until_ts,
    {{ whole("sum(summed.more_qty) over by_change") }} as load_qty,
    days.units_capacity,
    days.rostered_minutes,
    days.standard_unit_minutes,
    days.known_ts,
    days.location,
    days.region,
    days._file_digest,
    days._line
from summed
inner join days on summed.location_id = days.location_id and summed.load_date = days.load_date
window by_change as (partition by summed.location_id, summed.load_date order by summed.from_ts)
