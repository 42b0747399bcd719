-- Grain: one return line that should come back. E52b: initiated, or handed to the carrier where that was told, and not
-- received past the limit.
with returns as (

    select * from {{ ref("fct_return_line") }}

),

endings as (

    select * from {{ ref("int_control__return_ending") }}

),

limited as (

    select
        returns.*,
        coalesce(returns.in_transit_ts, returns.initiated_ts) as began_ts,
        {{ control_threshold("limit", ["channel", "location"]) }} as limit_days,
        {{ add_seconds(
            "coalesce(returns.in_transit_ts, returns.initiated_ts)",
            "86400 * " ~ control_threshold("limit", ["channel", "location"])
        ) }} as limit_ts
    from returns
    {{ control_threshold_joins(
        "E52b",
        ["limit"],
        at="returns.initiated_ts",
        scopes={"channel": "returns.channel", "location": "returns.location"}
    ) }}

),

assessed as (

    select
        limited.return_key as business_key,
        {{ control_instant("limited.began_ts") }} as opening_key,
        limited.channel,
        limited.location,
        limited.region,
        limited.category,
        limited.supplier,
        limited.order_line_key,
        split_part(limited.order_line_key, '|', 1) as order_id,
        limited.sku,
        limited._file_digest,
        limited._line,
        limited.limit_days as threshold_value,
        limited.limit_ts as opened_ts,
        coalesce(limited.refund_gross_amount, limited.sold_gross_amount) as value_at_risk_amount,
        {{ control_first_ending([
            ["limited.goods_received_ts", "limited.goods_received_known_ts", "'received'"],
            ["endings.given_up_ts", "endings.given_up_known_ts", "'withdrawn or expired'"],
        ]) }},
        case
            when limited.is_refund_without_return then 'not_applicable'
            when limited.limit_ts is null then 'not_enough_data'
        end as blocked_code,
        {{ control_silence_known("limited.limit_ts", "limited.first_received_ts", beside="line_coverage") }}
            as detected_ts,
        coverage.is_overdue or coalesce(line_coverage.is_overdue, false) as is_evidence_overdue,
        {{ control_days(
            "limited.began_ts",
            "coalesce(" ~ least_ts("limited.goods_received_ts", "endings.given_up_ts") ~ ", " ~ as_of() ~ ")"
        ) }} as observed_value
    from limited
    left join endings on limited.return_key = endings.return_key
    {{ control_coverage("'return_event'", "limited.limit_ts") }}
    {{ control_coverage("'return_line'", "limited.limit_ts", alias="line_coverage") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E52b",
    "'return_line'",
    has=[
        "channel", "location", "region", "category", "supplier", "order_id", "order_line_key", "sku", "observed_value",
        "threshold_value", "value_at_risk_amount",
    ],
    is_running=true
) }}
