-- Grain: one operational event (a sale, its cost of goods, a refund or a marketplace fee of a document on a day) whose
-- posting was not known when it was due. E60a: no live posting of its amount some hours after the event. A posting of
-- another amount is not its posting; two of them are E60b.
with events as (

    select
        checks.*,
        {{ control_threshold("limit", ["channel"]) }} as limit_hours
    from {{ ref("int_kpi__posting_check") }} as checks
    {{ control_threshold_joins(
        "E60a", ["limit"], at="checks.event_ts", scopes={"channel": "checks.channel"}
    ) }}
    where checks.exclusion_reason is null or checks.exclusion_reason = 'no_data:no_amount'

),

deadlines as (

    select
        *,
        {{ add_seconds("event_ts", "3600 * limit_hours") }} as deadline_ts
    from events

),

candidates as (

    select * from deadlines
    where
        coalesce(first_posted_ts > deadline_ts, true)
        or coalesce(posting_known_ts > deadline_ts, true)

),

assessed as (

    select
        candidates.event_key as business_key,
        {{ control_instant("candidates.deadline_ts") }} as opening_key,
        candidates.channel,
        candidates.region,
        candidates.source_entity,
        candidates._file_digest,
        candidates._line,
        candidates.deadline_ts as opened_ts,
        {{ control_silence_known("candidates.deadline_ts", "candidates.event_known_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        candidates.first_posted_ts as ended_ts,
        candidates.posting_known_ts as ended_known_ts,
        'posted' as ended_reason,
        case
            when candidates.exclusion_reason is not null or candidates.deadline_ts is null then 'not_enough_data'
        end as blocked_code,
        {{ control_waited_hours("candidates.event_ts", "candidates.first_posted_ts") }} as observed_value,
        candidates.limit_hours as threshold_value,
        abs(candidates.amount) as value_at_risk_amount
    from candidates
    {{ control_coverage("'gl_posting'", "candidates.deadline_ts") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E60a",
    "source_entity",
    has=["channel", "region", "observed_value", "threshold_value", "value_at_risk_amount"],
    is_running=true
) }}
