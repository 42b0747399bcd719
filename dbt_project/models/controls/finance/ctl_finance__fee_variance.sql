-- Grain: one kind of fee of one marketplace statement. E56: what was charged differs from what the schedule says,
-- beyond the tolerance in reporting currency. Fees of orders that nobody knows are E55b and left out, kinds without
-- schedule are not judged. Later adjustments of that fee on the same orders that bring the difference back close it.
with parts as (

    select
        *,
        split_part(fee_key, '|', 1) as settlement_id,
        split_part(fee_key, '|', 2) as external_order_key
    from {{ ref("int_kpi__fee_variance") }}

),

fees as (

    select
        settlement_id,
        reason as fee_type,
        case when min(region) = max(region) then min(region) else 'NONE' end as region,
        count(*) filter (where exclusion_reason is null) as judged_count,
        count(*) filter (where exclusion_reason like 'no_data:%') as unknown_count,
        sum(charged_amount) filter (where exclusion_reason is null) as charged_amount,
        sum(scheduled_amount) filter (where exclusion_reason is null) as scheduled_amount,
        min(_file_digest) as _file_digest,
        {{ min_by_keys("_line", ["_file_digest", "_line"]) }} as _line
    from parts
    group by settlement_id, reason

),

statements as (

    select
        settlement_id,
        max(first_received_ts) as lines_known_ts
    from {{ ref("fct_settlement_line") }}
    group by settlement_id

),

adjustments as (

    select
        channel_id,
        external_order_key,
        fee_type,
        posted_ts,
        first_received_ts,
        amount
    from {{ ref("fct_settlement_line") }}
    where line_type = 'adjustment' and fee_type is not null and external_order_key is not null

),

ordered_fees as (

    select distinct
        settlement_id,
        external_order_key,
        reason
    from parts
    where exclusion_reason is null

),

credits as (

    select
        ordered_fees.settlement_id,
        ordered_fees.reason,
        sum(adjustments.amount) as credited_amount,
        max(adjustments.posted_ts) as credited_ts,
        max(adjustments.first_received_ts) as credited_known_ts
    from ordered_fees
    inner join {{ ref("fct_settlement") }} as settlements on ordered_fees.settlement_id = settlements.settlement_id
    inner join adjustments
        on
            settlements.channel_id = adjustments.channel_id
            and ordered_fees.external_order_key = adjustments.external_order_key
            and ordered_fees.reason = adjustments.fee_type
            and settlements.closed_ts < adjustments.posted_ts
    group by ordered_fees.settlement_id, ordered_fees.reason

),

tolerated as (

    select
        fees.*,
        settlements.channel,
        settlements.closed_ts,
        greatest(settlements.first_received_ts, statements.lines_known_ts, settlements.closed_ts) as known_ts,
        fees.charged_amount - fees.scheduled_amount as difference_amount,
        greatest(
            {{ control_threshold("tolerance_amount", ["channel"]) }},
            {{ control_threshold("tolerance_share", ["channel"]) }} * abs(fees.scheduled_amount)
        ) as tolerance_amount
    from fees
    inner join {{ ref("fct_settlement") }} as settlements on fees.settlement_id = settlements.settlement_id
    inner join statements on fees.settlement_id = statements.settlement_id
    {{ control_threshold_joins(
        "E56",
        ["tolerance_amount", "tolerance_share"],
        at="settlements.closed_ts",
        scopes={"channel": "settlements.channel"}
    ) }}

),

assessed as (

    select
        tolerated.settlement_id || '|' || tolerated.fee_type as business_key,
        tolerated.settlement_id as opening_key,
        tolerated.channel,
        tolerated.region,
        tolerated._file_digest,
        tolerated._line,
        case
            when abs(tolerated.difference_amount) > tolerated.tolerance_amount then tolerated.closed_ts
        end as opened_ts,
        tolerated.known_ts as detected_ts,
        false as is_evidence_overdue,
        case
            when abs(tolerated.difference_amount - credits.credited_amount) <= tolerated.tolerance_amount
                then credits.credited_ts
        end as ended_ts,
        credits.credited_known_ts as ended_known_ts,
        'credited' as ended_reason,
        case
            when tolerated.judged_count = 0 and tolerated.unknown_count = 0 then 'not_applicable'
            when tolerated.judged_count = 0 or tolerated.tolerance_amount is null then 'not_enough_data'
        end as blocked_code,
        tolerated.difference_amount as observed_value,
        tolerated.tolerance_amount as threshold_value,
        abs(tolerated.difference_amount) as value_at_risk_amount
    from tolerated
    left join credits
        on tolerated.settlement_id = credits.settlement_id and tolerated.fee_type = credits.reason

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E56",
    "'settlement_line'",
    has=["channel", "region", "observed_value", "threshold_value", "value_at_risk_amount"]
) }}
