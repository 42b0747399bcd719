-- Grain: one order line (or an order's shipping) in one marketplace statement. E55a: paid less than
-- expected, beyond the tolerance; a later adjustment that pays the difference closes it. Amounts are netted
-- per line; the tolerance is in reporting currency.
with expectations as (

    select * from {{ ref("fct_settlement_expectation") }}
    where is_settled

),

adjustments as (

    select
        channel_id,
        external_order_key,
        order_line_no,
        sum(amount) as adjusted_amount,
        max(posted_ts) as adjusted_ts,
        max(first_received_ts) as adjusted_known_ts
    from {{ ref("fct_settlement_line") }}
    where line_type = 'adjustment' and external_order_key is not null
    group by channel_id, external_order_key, order_line_no

),

tolerated as (

    select
        expectations.*,
        -expectations.difference_amount as short_amount,
        greatest(
            {{ control_threshold("tolerance_amount", ["channel"]) }},
            {{ control_threshold("tolerance_share", ["channel"]) }} * abs(expectations.expected_amount)
        ) as tolerance_amount
    from expectations
    {{ control_threshold_joins(
        "E55a",
        ["tolerance_amount", "tolerance_share"],
        at="expectations.settlement_closed_ts",
        scopes={"channel": "expectations.channel"}
    ) }}

),

assessed as (

    select
        tolerated.settlement_id || '|' || tolerated.external_order_key || '|'
        || coalesce(cast(tolerated.order_line_no as string), 'order') as business_key,
        tolerated.settlement_id as opening_key,
        tolerated.channel,
        tolerated.region,
        tolerated.category,
        tolerated.order_id,
        tolerated.order_line_key,
        tolerated._file_digest,
        tolerated._line,
        tolerated.short_amount as observed_value,
        tolerated.tolerance_amount as threshold_value,
        case
            when tolerated.short_amount > tolerated.tolerance_amount then tolerated.settlement_closed_ts
        end as opened_ts,
        greatest(tolerated.first_received_ts, tolerated.settlement_closed_ts) as detected_ts,
        false as is_evidence_overdue,
        case
            when adjustments.adjusted_amount >= tolerated.short_amount - tolerated.tolerance_amount
                then adjustments.adjusted_ts
        end as ended_ts,
        adjustments.adjusted_known_ts as ended_known_ts,
        'difference paid' as ended_reason,
        case
            when
                not tolerated.is_expectation_known
                or tolerated.short_amount is null
                or tolerated.tolerance_amount is null
                then 'not_enough_data'
        end as blocked_code,
        tolerated.short_amount as value_at_risk_amount
    from tolerated
    left join adjustments
        on
            tolerated.channel_id = adjustments.channel_id
            and tolerated.external_order_key = adjustments.external_order_key
            and coalesce(tolerated.order_line_no, 0) = coalesce(adjustments.order_line_no, 0)

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E55a",
    "'settlement_line'",
    has=[
        "channel", "region", "category", "order_id", "order_line_key", "observed_value", "threshold_value",
        "value_at_risk_amount",
    ]
) }}
