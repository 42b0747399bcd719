-- One row a node and day at it, up to the day of the build: its capacity, the backlog with which it began, the units
-- that left, those due out on it and those overdue when it began (K17, K18). Units are those asked of the node; what
-- was rejected or cancelled is due no more. A unit due on a closed day is overdue from the next day on.
with

parts as (
    select *
    from {{ ref('int_kpi__fulfilment_step') }}
    where exclusion_reason is null
),

flows as (
    select
        location_id,
        assigned_date as date_day,
        requested_qty as more_qty,
        0 as left_qty,
        0 as due_qty,
        0 as late_qty
    from parts
    union all
    select
        location_id,
        ended_date as date_day,
        -requested_qty as more_qty,
        0 as left_qty,
        0 as due_qty,
        0 as late_qty
    from parts
    union all
    select
        location_id,
        {{ local_date('left_ts', 'time_zone') }} as date_day,
        0 as more_qty,
        shipped_qty as left_qty,
        0 as due_qty,
        0 as late_qty
    from parts
    union all
    select
        location_id,
        due_out_date as date_day,
        0 as more_qty,
        0 as left_qty,
        requested_qty as due_qty,
        0 as late_qty
    from parts
    where left_ts is not null or ended_date is null or ended_date > due_out_date
    union all
    select
        location_id,
        {{ add_days('due_out_date', 1) }} as date_day,
        0 as more_qty,
        0 as left_qty,
        0 as due_qty,
        requested_qty as late_qty
    from parts
    where ended_date is null or ended_date > due_out_date
    union all
    select
        location_id,
        {{ add_days('ended_date', 1) }} as date_day,
        0 as more_qty,
        0 as left_qty,
        0 as due_qty,
        -requested_qty as late_qty
    from parts
    where ended_date > due_out_date
),

-- what has not happened, or is due at no known time, has no day and meets none of the calendar
per_day as (
    select
        location_id,
        date_day,
        sum(more_qty) as more_qty,
        sum(left_qty) as left_qty,
        sum(due_qty) as due_qty,
        sum(late_qty) as late_qty
    from flows
    group by location_id, date_day
),

spans as (
    select
        location_id,
        min(date_day) as first_date
    from per_day
    group by location_id
),

days as (
    select
        calendar.location_id,
        calendar.date_day,
        calendar.is_open,
        coalesce(per_day.more_qty, 0) as more_qty,
        coalesce(per_day.left_qty, 0) as left_qty,
        coalesce(per_day.due_qty, 0) as due_qty,
        coalesce(per_day.late_qty, 0) as late_qty
    from {{ ref('dim_location_day') }} as calendar
    inner join spans on calendar.location_id = spans.location_id and calendar.date_day >= spans.first_date
    inner join {{ ref('dim_location') }} as locations on calendar.location_id = locations.location_id
    left join per_day
        on
            calendar.location_id = per_day.location_id
            and calendar.date_day = per_day.date_day
    where calendar.date_day <= {{ local_date(as_of(), 'locations.time_zone') }}
)

select
    days.location_id,
    days.date_day,
    coalesce(capacities.is_open, days.is_open) as is_open,
    capacities.units_capacity,
    capacities.rostered_minutes,
    capacities.standard_unit_minutes,
    {{ whole('coalesce(sum(days.more_qty) over before_day, 0)') }} as opening_qty,
    {{ whole('days.left_qty') }} as left_qty,
    {{ whole('days.due_qty') }} as due_qty,
    {{ whole('sum(days.late_qty) over up_to_day') }} as overdue_qty,
    coalesce(locations.region, 'UNKNOWN') as region,
    'node_capacity' as source_entity,
    capacities._file_digest,
    capacities._line
from days
left join {{ ref('fct_node_capacity') }} as capacities
    on
        days.location_id = capacities.location_id
        and days.date_day = capacities.capacity_date
left join {{ ref('dim_location') }} as locations on days.location_id = locations.location_id
window
    before_day as (
        partition by days.location_id order by days.date_day rows between unbounded preceding and 1 preceding
    ),
    up_to_day as (
        partition by days.location_id order by days.date_day rows between unbounded preceding and current row
    )
