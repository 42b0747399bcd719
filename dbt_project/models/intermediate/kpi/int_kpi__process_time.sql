-- One row a node and hour of assignment with 30 parts or more that were packed in the last 28 days, and one a node for
-- all hours (hour_no -1): by when four of five were packed, from the assignment and from the beginning of the pick
-- (K20).
with

packed as (
    select
        fulfilment_line_id,
        location_id,
        assigned_hour,
        {{ seconds_between('assigned_ts', 'pack_ended_ts') }} as total_seconds,
        {{ seconds_between('pick_started_ts', 'pack_ended_ts') }} as work_seconds
    from {{ ref('int_kpi__fulfilment_step') }}
    where
        exclusion_reason is null
        and not is_pickup
        and pick_started_ts >= assigned_ts
        and pack_ended_ts >= pick_started_ts
        and pack_ended_ts > {{ add_seconds(as_of(), '-28 * 86400') }}
        and pack_ended_ts <= {{ as_of() }}
),

keyed as (
    select
        *,
        assigned_hour as hour_no
    from packed
    union all
    select
        *,
        -1 as hour_no
    from packed
),

ranked as (
    select
        *,
        count(*) over (partition by location_id, hour_no) as part_count,
        row_number() over (partition by location_id, hour_no order by total_seconds, fulfilment_line_id) as total_rank,
        row_number() over (partition by location_id, hour_no order by work_seconds, fulfilment_line_id) as work_rank
    from keyed
)

select
    location_id,
    hour_no,
    max(part_count) as part_count,
    min(total_seconds) filter (where total_rank * 5 >= part_count * 4) as p80_total_seconds,
    min(work_seconds) filter (where work_rank * 5 >= part_count * 4) as p80_work_seconds
from ranked
where hour_no = -1 or part_count >= 30
group by location_id, hour_no
