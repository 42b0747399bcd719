-- Grain: one step of an approval request. E66g: undecided past its service level in business hours, or at the planned
-- start of its promotion. What expired without a decision was withdrawn.
with steps as (

    select
        steps.*,
        promotions.starts_ts
    from {{ ref("fct_approval_step") }} as steps
    left join {{ ref("dim_promotion") }} as promotions on steps.promotion_id = promotions.promotion_id

),

decisions as (

    select
        request_id,
        step_no,
        min(updated_ts) as settled_ts,
        min(received_ts) as settled_known_ts
    from {{ source("raw", "approval_request") }}
    where decision_code <> 'open'
    group by request_id, step_no

),

limited as (

    select
        steps.*,
        {{ control_threshold("service_level", ["channel"]) }} as limit_hours
    from steps
    {{ control_threshold_joins(
        "E66g", ["service_level"], at="steps.submitted_ts", scopes={"channel": "steps.channel"}
    ) }}

),

due as (

    select
        limited.*,
        {{ control_hours_deadline("limited.submitted_ts", "limited.limit_hours") }} as worked_ts,
        case when limited.starts_ts > limited.submitted_ts then limited.starts_ts end as begun_ts
    from limited
    {{ control_hours_joins("E66g", "limited.submitted_ts", "limited.limit_hours") }}

),

deadlines as (

    select
        due.*,
        {{ least_ts("due.worked_ts", "due.begun_ts") }} as deadline_ts,
        coalesce(due.decided_ts, case when due.decision_code <> 'open' then decisions.settled_ts end) as settled_ts,
        decisions.settled_known_ts
    from due
    left join decisions on due.request_id = decisions.request_id and due.step_no = decisions.step_no

),

assessed as (

    select
        deadlines.request_id as business_key,
        'step ' || cast(deadlines.step_no as string) as opening_key,
        deadlines.channel,
        deadlines.region,
        deadlines._file_digest,
        deadlines._line,
        deadlines.deadline_ts as opened_ts,
        {{ control_silence_known("deadlines.deadline_ts", "deadlines.first_received_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        deadlines.settled_ts as ended_ts,
        deadlines.settled_known_ts as ended_known_ts,
        case when deadlines.decision_code = 'expired' then 'withdrawn' else 'decided' end as ended_reason,
        case when deadlines.worked_ts is null then 'not_enough_data' end as blocked_code,
        {{ control_waited_hours("deadlines.submitted_ts", "deadlines.settled_ts") }} as observed_value,
        deadlines.limit_hours as threshold_value
    from deadlines
    {{ control_coverage("'approval_request'", "deadlines.deadline_ts") }}

),

{{ control_verdict("assessed") }},

{{ control_episodes() }}

{{ control_select(
    "E66g",
    "'approval_request'",
    has=["channel", "region", "observed_value", "threshold_value"],
    relation="episodes"
) }}
