-- Grain: one step of a case of a process, in the order in which they happened; steps of one instant follow the seed,
-- and a step told more than once at one instant is one. Waits add up over the steps of a case.
with

events as (
    select
        process,
        case_id,
        order_id,
        activity,
        event_ts,
        event_key,
        source_entity,
        _file_digest,
        _line
    from {{ ref('int_process__order_event') }}
    union all
    select
        process,
        case_id,
        cast(null as string) as order_id,
        activity,
        event_ts,
        event_key,
        source_entity,
        _file_digest,
        _line
    from {{ ref('int_process__supply_event') }}
),

steps as (
    select
        events.process,
        events.case_id,
        events.order_id,
        events.activity,
        events.event_ts,
        steps.step_no,
        min(events.event_key) as event_key,
        min(events.source_entity) as source_entity,
        {{ min_by_keys('events._file_digest', ['events.event_key']) }} as _file_digest,
        {{ min_by_keys('events._line', ['events.event_key']) }} as _line
    from events
    inner join {{ ref('process_step') }} as steps
        on
            events.process = steps.process
            and events.activity = steps.activity
    group by events.process, events.case_id, events.order_id, events.activity, events.event_ts, steps.step_no
)

select
    process,
    case_id,
    order_id,
    activity,
    event_ts,
    cast(row_number() over in_order as bigint) as position_no,
    lag(activity) over in_order as former_activity,
    {{ seconds_between('lag(event_ts) over in_order', 'event_ts') }} as wait_seconds,
    source_entity,
    _file_digest,
    _line
from steps
window in_order as (partition by process, case_id order by event_ts, step_no)
