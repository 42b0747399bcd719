-- Grain: one event, account and amount with more than one posting. E60b: more live postings than events, none of them
-- reversed. A daily total is the event of its channel and day; a document that has the same amount twice (two equal
-- refunds) may be posted as often.
with postings as (

    select
        *,
        case
            when source_id is null then 'day|' || coalesce(channel_id, 'NONE') || '|' || cast(posted_date as string)
            else source_type || '|' || source_id
        end as event_key,
        abs(amount_local) as size_amount_local
    from {{ ref("fct_gl_posting") }}
    where amount_local <> 0

),

repeated as (

    select
        account_code,
        legal_entity_id,
        event_key,
        size_amount_local
    from postings
    group by account_code, legal_entity_id, event_key, size_amount_local
    having count(*) > 1

),

expected as (

    select
        step_code,
        document_id,
        abs(amount) as size_amount,
        max(equal_count) as expected_count
    from {{ ref("int_kpi__posting_check") }}
    group by step_code, document_id, abs(amount)

),

members as (

    select
        postings.*,
        coalesce(expected.expected_count, 1) as expected_count,
        first_value(sign(postings.amount_local)) over in_order as first_sign
    from postings
    inner join repeated
        on
            postings.account_code = repeated.account_code
            and postings.legal_entity_id = repeated.legal_entity_id
            and postings.event_key = repeated.event_key
            and postings.size_amount_local = repeated.size_amount_local
    left join expected
        on
            postings.step_code = expected.step_code
            and postings.source_id = expected.document_id
            and abs(postings.amount) = expected.size_amount
    window in_order as (
        partition by
            postings.account_code, postings.legal_entity_id, postings.event_key, postings.size_amount_local
        order by postings.posted_ts, postings.posting_id
        rows between unbounded preceding and current row
    )

),

counted as (

    select
        members.*,
        {{ control_threshold("postings", ["channel"]) }} as limit_count,
        sum(members.first_sign * sign(members.amount_local)) over in_order as live_count,
        max(members.first_received_ts) over in_order as known_ts
    from members
    {{ control_threshold_joins(
        "E60b", ["postings"], at="members.posted_ts", scopes={"channel": "members.channel"}
    ) }}
    window in_order as (
        partition by members.account_code, members.legal_entity_id, members.event_key, members.size_amount_local
        order by members.posted_ts, members.posting_id
        rows between unbounded preceding and current row
    )

),

flagged as (

    select
        *,
        live_count - expected_count + 1 >= limit_count as is_over
    from counted

),

groups as (

    select
        account_code,
        legal_entity_id,
        event_key,
        size_amount_local,
        min(channel) as channel,
        max(limit_count) as threshold_value,
        max(live_count) as observed_value,
        min(posted_ts) filter (where is_over) as opened_ts,
        {{ min_by_keys("posting_id", ["posted_ts", "posting_id"], where="is_over") }} as opening_key,
        {{ min_by_keys("known_ts", ["posted_ts", "posting_id"], where="is_over") }} as detected_ts,
        max(abs(amount)) * greatest(max(live_count - expected_count), 0) as value_at_risk_amount,
        not {{ max_by_keys("is_over", ["posted_ts", "posting_id"]) }} as is_over_no_more,
        max(posted_ts) filter (where sign(amount_local) <> first_sign) as reversed_ts,
        max(first_received_ts) filter (where sign(amount_local) <> first_sign) as reversed_known_ts,
        {{ min_by_keys("_file_digest", ["posted_ts", "posting_id"], where="is_over") }} as _file_digest,
        {{ min_by_keys("_line", ["posted_ts", "posting_id"], where="is_over") }} as _line
    from flagged
    group by account_code, legal_entity_id, event_key, size_amount_local

),

assessed as (

    select
        *,
        concat_ws('|', legal_entity_id, account_code, event_key, cast(size_amount_local as string)) as business_key,
        false as is_evidence_overdue,
        case when is_over_no_more then reversed_ts end as ended_ts,
        case when is_over_no_more then reversed_known_ts end as ended_known_ts,
        'reversed' as ended_reason,
        case when threshold_value is null then 'not_enough_data' end as blocked_code
    from groups

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E60b",
    "'gl_posting'",
    has=["channel", "observed_value", "threshold_value", "value_at_risk_amount"]
) }}
