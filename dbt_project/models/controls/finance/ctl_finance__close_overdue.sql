-- Grain: one reconciliation stream of a legal entity in a fiscal period that has ended, from the first period on in
-- which the sign-offs name the stream. E59c: not signed off some business days after the end of the period.
with states as (

    select * from {{ ref("fct_sign_off") }}

),

pairs as (

    select
        stream_code,
        legal_entity_id,
        min(start_date) as first_start_date,
        min(region) as region,
        {{ min_by_keys("_file_digest", ["fiscal_period", "_file_digest", "_line"]) }} as _file_digest,
        {{ min_by_keys("_line", ["fiscal_period", "_file_digest", "_line"]) }} as _line
    from states
    group by stream_code, legal_entity_id

),

periods as (

    select
        pairs.*,
        periods.fiscal_period,
        periods.start_date,
        periods.end_date,
        periods.received_ts as period_known_ts
    from pairs
    inner join {{ ref("dim_fiscal_period") }} as periods on pairs.legal_entity_id = periods.legal_entity_id
    where
        periods.start_date >= pairs.first_start_date
        and periods.end_date < {{ reporting_date(as_of()) }}

),

open_values as (

    select
        items.stream,
        items.legal_entity_id,
        periods.fiscal_period,
        sum(items.open_amount) as open_amount
    from {{ ref("fct_reconciliation_item") }} as items
    inner join {{ ref("dim_fiscal_period") }} as periods
        on
            items.legal_entity_id = periods.legal_entity_id
            and items.transaction_date >= periods.start_date
            and items.transaction_date <= periods.end_date
    where items.open_amount > 0
    group by items.stream, items.legal_entity_id, periods.fiscal_period

),

deadlines as (

    select
        periods.*,
        {{ control_threshold("limit") }} as limit_days
    from periods
    {{ control_threshold_joins("E59c", ["limit"], at="cast(periods.end_date as timestamp)") }}

),

assessed as (

    select
        concat_ws('|', deadlines.stream_code, deadlines.legal_entity_id, deadlines.fiscal_period) as business_key,
        {{ control_instant("due_day.day_end_ts") }} as opening_key,
        deadlines.region,
        coalesce(states._file_digest, deadlines._file_digest) as _file_digest,
        case when states._file_digest is null then deadlines._line else states._line end as _line,
        due_day.day_end_ts as opened_ts,
        {{ control_silence_known("due_day.day_end_ts", "deadlines.period_known_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        states.signed_ts as ended_ts,
        states.received_ts as ended_known_ts,
        'signed off' as ended_reason,
        case when due_day.day_end_ts is null then 'not_enough_data' end as blocked_code,
        {{ control_days("due_day.day_end_ts", "coalesce(states.signed_ts, " ~ as_of() ~ ")") }} as observed_value,
        deadlines.limit_days as threshold_value,
        coalesce(open_values.open_amount, 0) as value_at_risk_amount
    from deadlines
    {{ control_business_deadline("E59c", "deadlines.end_date", "deadlines.limit_days") }}
    left join states
        on
            deadlines.stream_code = states.stream_code
            and deadlines.legal_entity_id = states.legal_entity_id
            and deadlines.fiscal_period = states.fiscal_period
    left join open_values
        on
            deadlines.stream_code = open_values.stream
            and deadlines.legal_entity_id = open_values.legal_entity_id
            and deadlines.fiscal_period = open_values.fiscal_period
    {{ control_coverage("'sign_off'", "due_day.day_end_ts") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E59c",
    "'sign_off'",
    has=["region", "observed_value", "threshold_value", "value_at_risk_amount"],
    is_running=true
) }}
