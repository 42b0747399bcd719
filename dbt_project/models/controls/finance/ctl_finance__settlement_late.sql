-- Grain: one marketplace statement with a payout. E55c: no deposit by its due date and some business days.
with settlements as (

    select * from {{ ref("fct_settlement") }}

),

deadlines as (

    select
        settlements.*,
        {{ control_threshold("grace", ["channel"]) }} as grace_days
    from settlements
    {{ control_threshold_joins(
        "E55c",
        ["grace"],
        at="cast(settlements.payout_due_date as timestamp)",
        scopes={"channel": "settlements.channel"}
    ) }}

),

assessed as (

    select
        deadlines.settlement_id as business_key,
        cast(deadlines.payout_due_date as string) as opening_key,
        deadlines.channel,
        deadlines.region,
        deadlines._file_digest,
        deadlines._line,
        due_day.day_end_ts as opened_ts,
        {{ control_silence_known("due_day.day_end_ts", "deadlines.first_received_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        deadlines.deposit_ts as ended_ts,
        deadlines.deposit_known_ts as ended_known_ts,
        'deposit matched' as ended_reason,
        case
            when deadlines.payout_amount_local <= 0 then 'not_applicable'
            when due_day.day_end_ts is null then 'not_enough_data'
        end as blocked_code,
        {{ control_days("due_day.day_end_ts", "coalesce(deadlines.deposit_ts, " ~ as_of() ~ ")") }} as observed_value,
        deadlines.grace_days as threshold_value,
        deadlines.payout_amount as value_at_risk_amount
    from deadlines
    {{ control_business_deadline("E55c", "deadlines.payout_due_date", "deadlines.grace_days") }}
    {{ control_coverage("'bank_deposit'", "due_day.day_end_ts") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E55c",
    "'settlement'",
    has=["channel", "region", "observed_value", "threshold_value", "value_at_risk_amount"]
) }}
