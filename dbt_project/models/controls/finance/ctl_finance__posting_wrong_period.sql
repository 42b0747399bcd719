-- Grain: one posting whose fiscal period is not that of its event, or not that of the day on which it was posted. E60c:
-- not that of its event. Of a daily total the event is its day, of a document's posting the document's event of that
-- amount; a posting whose event is not known is not judged. A reversal is no posting of an event.
with events as (

    select distinct
        step_code,
        document_id,
        abs(amount) as size_amount,
        posting_date
    from {{ ref("int_kpi__posting_check") }}

),

postings as (

    select
        postings.*,
        case when postings.source_id is null then postings.posted_date else events.posting_date end as event_date
    from {{ ref("fct_gl_posting") }} as postings
    left join events
        on
            postings.step_code = events.step_code
            and postings.source_id = events.document_id
            and abs(postings.amount) = events.size_amount

),

entity_days as (

    select
        legal_entity_id,
        event_date as date_day
    from postings
    where event_date is not null
    union
    select
        legal_entity_id,
        posted_date as date_day
    from postings

),

day_periods as (

    select
        entity_days.legal_entity_id,
        entity_days.date_day,
        periods.fiscal_period
    from entity_days
    inner join {{ ref("dim_fiscal_period") }} as periods
        on
            entity_days.legal_entity_id = periods.legal_entity_id
            and entity_days.date_day >= periods.start_date
            and entity_days.date_day <= periods.end_date

),

compared as (

    select
        postings.posting_id,
        min(of_event.fiscal_period) as event_period,
        coalesce(bool_or(of_event.fiscal_period = postings.fiscal_period), false) as is_right,
        coalesce(bool_and(of_day.fiscal_period = postings.fiscal_period), false) as is_day_right
    from postings
    left join day_periods as of_event
        on postings.legal_entity_id = of_event.legal_entity_id and postings.event_date = of_event.date_day
    left join day_periods as of_day
        on postings.legal_entity_id = of_day.legal_entity_id and postings.posted_date = of_day.date_day
    group by postings.posting_id

),

candidates as (

    select
        postings.*,
        compared.event_period,
        compared.is_right,
        case postings.account_code
            when 'revenue' then 'sales'
            when 'cogs' then 'stock_to_ledger'
            when 'marketplace_fee' then 'settlement'
            else postings.account_code
        end as stream_code,
        {{ control_threshold("postings", ["channel"]) }} as limit_count
    from {{ ref("fct_gl_posting") }} as postings
    inner join compared on postings.posting_id = compared.posting_id
    {{ control_threshold_joins(
        "E60c", ["postings"], at="postings.posted_ts", scopes={"channel": "postings.channel"}
    ) }}
    where compared.event_period is not null and (not compared.is_right or not compared.is_day_right)

),

opposites as (

    select
        candidates.posting_id,
        bool_or(
            others.posted_ts < candidates.posted_ts
            or (others.posted_ts = candidates.posted_ts and others.posting_id < candidates.posting_id)
        ) as is_reversal,
        min(others.posted_ts) as reversed_ts,
        min(others.first_received_ts) as reversed_known_ts
    from candidates
    inner join {{ ref("fct_gl_posting") }} as others
        on
            candidates.account_code = others.account_code
            and candidates.legal_entity_id = others.legal_entity_id
            and candidates.fiscal_period = others.fiscal_period
            and coalesce(candidates.channel_id, 'NONE') = coalesce(others.channel_id, 'NONE')
            and coalesce(candidates.source_id, 'NONE') = coalesce(others.source_id, 'NONE')
            and candidates.amount_local = -others.amount_local
    group by candidates.posting_id

),

assessed as (

    select
        candidates.posting_id as business_key,
        candidates.fiscal_period as opening_key,
        candidates.channel,
        candidates._file_digest,
        candidates._line,
        case when not candidates.is_right then candidates.posted_ts end as opened_ts,
        greatest(candidates.posted_ts, candidates.first_received_ts) as detected_ts,
        false as is_evidence_overdue,
        {{ control_first_ending([
            ["opposites.reversed_ts", "opposites.reversed_known_ts", "'reposted'"],
            [
                "case when sign_offs.signed_ts >= candidates.posted_ts then sign_offs.signed_ts end",
                "sign_offs.received_ts",
                "'accepted at sign-off'",
            ],
        ]) }},
        case
            when opposites.is_reversal then 'not_applicable'
            when candidates.limit_count is null then 'not_enough_data'
            when candidates.limit_count > 1 then 'pass'
        end as blocked_code,
        1 as observed_value,
        candidates.limit_count as threshold_value,
        abs(candidates.amount) as value_at_risk_amount
    from candidates
    left join opposites on candidates.posting_id = opposites.posting_id
    left join {{ ref("fct_sign_off") }} as sign_offs
        on
            candidates.stream_code = sign_offs.stream_code
            and candidates.legal_entity_id = sign_offs.legal_entity_id
            and candidates.fiscal_period = sign_offs.fiscal_period

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E60c",
    "'gl_posting'",
    has=["channel", "observed_value", "threshold_value", "value_at_risk_amount"]
) }}
