-- Grain: one pause of a case, in working seconds of its owner: since when, and until the action that ended it; a pause
-- that runs still has no end.
{{ config(contract={"enforced": false}) }}

with steps as (
    select
        case_id,
        row_no,
        action_code,
        event_ts as from_ts,
        lead(event_ts) over (partition by case_id order by event_ts, row_no) as until_ts
    from {{ ref('fct_case_action') }}
    where
        object_type = 'case'
        and policy_result <> 'refused'
        and action_code in ('pause', 'resume', 'resolve', 'dismiss', 'merge', 'reopen')
)

select
    steps.case_id,
    steps.row_no,
    steps.from_ts,
    steps.until_ts,
    {{ nearest(worked_until('begun', 'steps.from_ts')) }} as from_seconds,
    {{ nearest(worked_until('ended', 'steps.until_ts')) }} as until_seconds
from steps
inner join {{ ref('int_control__exception') }} as exceptions
    on steps.case_id = exceptions.exception_id
inner join {{ ref('int_control__business_day') }} as begun
    on exceptions.owner_role = begun.owner_role and {{ reporting_date('steps.from_ts') }} = begun.date_day
left join {{ ref('int_control__business_day') }} as ended
    on exceptions.owner_role = ended.owner_role and {{ reporting_date('steps.until_ts') }} = ended.date_day
where steps.action_code = 'pause'
