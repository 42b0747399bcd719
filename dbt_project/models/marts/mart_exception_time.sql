-- Grain: one exception that was not retracted, with how it ended, and the working seconds of its owner until
-- somebody took it and until it ended, pauses taken out.
with exceptions as (
    select
        exceptions.exception_id,
        exceptions.code as reason,
        exceptions.category_code as process,
        exceptions.owner_role as role,
        coalesce(exceptions.channel, 'NONE') as channel,
        coalesce(exceptions.location, 'NONE') as location,
        coalesce(exceptions.region, 'NONE') as region,
        coalesce(exceptions.supplier, 'NONE') as supplier,
        coalesce(exceptions.interface, 'NONE') as interface,
        exceptions.opened_ts,
        exceptions.detected_ts,
        exceptions.closed_ts,
        exceptions.acknowledged_ts,
        exceptions.settled_ts,
        exceptions.reopened_count + coalesce(cases.reopened_count, 0) as reopened_count,
        coalesce(cases.person_action_count, 0) as person_action_count,
        exceptions.value_at_risk_amount,
        types.sla_seconds,
        exceptions.status_code = 'open' as is_open,
        case
            when exceptions.status_code = 'open' then 'open'
            when exceptions.close_reason = 'merged' then 'merged'
            when exceptions.close_reason = 'NOT_AN_ISSUE' then 'no_issue'
            when exceptions.settled_ts is null then 'self_cleared'
            when exceptions.settled_by_code = 'person' then 'person'
            else 'automation'
        end as ending_code,
        exceptions.evidence_entity as source_entity,
        exceptions._file_digest,
        exceptions._line
    from {{ ref('fct_exception') }} as exceptions
    inner join {{ ref('int_control__exception') }} as types
        on exceptions.exception_id = types.exception_id
    left join {{ ref('fct_case') }} as cases
        on exceptions.exception_id = cases.case_id
    where exceptions.status_code <> 'retracted'
),

-- Who took it without saying so took it when they settled it.
taken as (
    select
        *,
        case when ending_code <> 'self_cleared' then coalesce(acknowledged_ts, settled_ts) end as taken_ts
    from exceptions
),

clocks as (
    select
        taken.exception_id,
        {{ nearest(worked_until('detection', 'taken.detected_ts')) }} as detected_seconds,
        {{ nearest(worked_until('taking', 'taken.taken_ts')) }} as taken_seconds,
        {{ nearest(worked_until('closing', 'taken.closed_ts')) }} as closed_seconds
    from taken
    left join {{ ref('int_control__business_day') }} as detection
        on taken.role = detection.owner_role and {{ reporting_date('taken.detected_ts') }} = detection.date_day
    left join {{ ref('int_control__business_day') }} as taking
        on taken.role = taking.owner_role and {{ reporting_date('taken.taken_ts') }} = taking.date_day
    left join {{ ref('int_control__business_day') }} as closing
        on taken.role = closing.owner_role and {{ reporting_date('taken.closed_ts') }} = closing.date_day
),

pauses as (
    select
        clocks.exception_id,
        {{ whole('sum(greatest(least(pauses.until_seconds, clocks.taken_seconds) - pauses.from_seconds, 0))') }}
            as paused_before_taken_seconds,
        {{ whole('sum(greatest(least(pauses.until_seconds, clocks.closed_seconds) - pauses.from_seconds, 0))') }}
            as paused_seconds,
        count(*) > count(pauses.until_seconds) as is_paused
    from clocks
    inner join {{ ref('int_control__case_pause') }} as pauses
        on clocks.exception_id = pauses.case_id
    group by clocks.exception_id
),

measured as (
    select
        taken.*,
        clocks.taken_seconds
        - clocks.detected_seconds
        - coalesce(pauses.paused_before_taken_seconds, 0) as taken_after_seconds,
        clocks.closed_seconds - clocks.detected_seconds - coalesce(pauses.paused_seconds, 0) as closed_after_seconds,
        clocks.detected_seconds + taken.sla_seconds + coalesce(pauses.paused_seconds, 0) as due_seconds,
        coalesce(pauses.is_paused, false) and taken.is_open as is_paused
    from taken
    inner join clocks on taken.exception_id = clocks.exception_id
    left join pauses on taken.exception_id = pauses.exception_id
)

select
    measured.exception_id,
    measured.reason,
    measured.process,
    measured.role,
    measured.channel,
    measured.location,
    measured.region,
    measured.supplier,
    measured.interface,
    measured.ending_code,
    measured.is_open,
    measured.is_paused,
    measured.opened_ts,
    measured.detected_ts,
    measured.taken_ts,
    measured.settled_ts,
    measured.closed_ts,
    {{ add_seconds('days.opens_ts', 'measured.due_seconds - days.work_seconds_before') }} as extended_due_ts,
    measured.sla_seconds,
    measured.due_seconds,
    measured.taken_after_seconds,
    measured.closed_after_seconds,
    measured.person_action_count,
    measured.reopened_count,
    measured.value_at_risk_amount,
    measured.source_entity,
    measured._file_digest,
    measured._line
from measured
left join {{ ref('int_control__business_day') }} as days
    on
        measured.role = days.owner_role
        and measured.due_seconds > days.work_seconds_before
        and measured.due_seconds <= days.work_seconds_until
