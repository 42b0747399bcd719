-- Grain: one case: an exception on which somebody acted, or a part that was split off one. It is settled by its last
-- settlement that no reopening followed.
with actions as (
    select * from {{ ref('fct_case_action') }}
    where case_id is not null and object_type = 'case' and policy_result <> 'refused'
),

endings as (
    select
        *,
        row_number() over (partition by case_id order by event_ts desc, row_no desc) as ending_rank
    from actions
    where action_code in ('resolve', 'dismiss', 'merge', 'reopen')
),

latest as (
    select
        *,
        row_number() over (partition by case_id order by event_ts desc, row_no desc) as action_rank
    from actions
),

cases as (
    select
        case_id,
        max(exception_id) as exception_id,
        min(event_ts) as first_action_ts,
        min(case when action_code = 'acknowledge' then event_ts end) as acknowledged_ts,
        count(*) filter (where actor_type = 'person') as person_action_count,
        count(*) filter (where action_code = 'reopen') as reopened_count
    from actions
    group by case_id
)

select
    cases.case_id,
    cases.exception_id,
    cases.case_id <> cases.exception_id as is_part,
    cases.first_action_ts,
    cases.acknowledged_ts,
    cases.person_action_count,
    cases.reopened_count,
    endings.event_ts as settled_ts,
    endings.action_code as settlement_code,
    endings.actor_type as settled_by_code,
    endings.outcome_code,
    endings.outcome_amount,
    endings.merged_into_id,
    {{ evidence('audit_log', 'latest') }}
from cases
inner join latest
    on cases.case_id = latest.case_id and latest.action_rank = 1
left join endings
    on cases.case_id = endings.case_id and endings.ending_rank = 1 and endings.action_code <> 'reopen'
