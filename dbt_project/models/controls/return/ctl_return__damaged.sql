-- Grain: one return line that was inspected as damaged or defective. E52c: no disposition past the limit. No feed tells
-- of claims over returned goods: a claim closes it as a resolution of a person.
with returns as (

    select
        returns.*,
        endings.disposed_known_ts,
        {{ control_threshold("limit", ["channel", "location"]) }} as limit_days,
        {{ add_seconds(
            "returns.inspected_ts", "86400 * " ~ control_threshold("limit", ["channel", "location"])
        ) }} as limit_ts
    from {{ ref("fct_return_line") }} as returns
    left join {{ ref("int_control__return_ending") }} as endings on returns.return_key = endings.return_key
    {{ control_threshold_joins(
        "E52c",
        ["limit"],
        at="returns.inspected_ts",
        scopes={"channel": "returns.channel", "location": "returns.location"}
    ) }}
    where returns.condition_code in ('damaged', 'defective') and returns.inspected_ts is not null

),

assessed as (

    select
        returns.return_key as business_key,
        {{ control_instant("returns.inspected_ts") }} as opening_key,
        returns.channel,
        returns.location,
        returns.region,
        returns.category,
        returns.supplier,
        returns.order_line_key,
        split_part(returns.order_line_key, '|', 1) as order_id,
        returns.sku,
        returns._file_digest,
        returns._line,
        returns.limit_days as threshold_value,
        returns.limit_ts as opened_ts,
        returns.disposed_ts as ended_ts,
        returns.disposed_known_ts as ended_known_ts,
        'disposed of' as ended_reason,
        coalesce(returns.refund_gross_amount, returns.sold_gross_amount) as value_at_risk_amount,
        case when returns.limit_ts is null then 'not_enough_data' end as blocked_code,
        {{ control_silence_known("returns.limit_ts", "returns.inspected_known_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        {{ control_days("returns.inspected_ts", "coalesce(returns.disposed_ts, " ~ as_of() ~ ")") }} as observed_value
    from returns
    {{ control_coverage("'return_event'", "returns.limit_ts") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E52c",
    "'return_line'",
    has=[
        "channel", "location", "region", "category", "supplier", "order_id", "order_line_key", "sku", "observed_value",
        "threshold_value", "value_at_risk_amount",
    ],
    is_running=true
) }}
