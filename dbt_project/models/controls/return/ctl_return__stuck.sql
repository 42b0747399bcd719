-- Grain: one stage of a return line after its receipt: inspect, dispose, refund. E52a: the stage is open past its
-- limit. A refund waits for the inspection where the policy asks for it; what was refused needs none, what was found
-- damaged is disposed of under E52c.
with returns as (

    select
        returns.*,
        endings.disposed_known_ts
    from {{ ref("fct_return_line") }} as returns
    left join {{ ref("int_control__return_ending") }} as endings on returns.return_key = endings.return_key
    where returns.goods_received_ts is not null and not returns.is_refund_without_return

),

stages as (

    select
        return_key,
        'inspect' as stage,
        goods_received_ts as began_ts,
        goods_received_known_ts as known_ts,
        inspected_ts as ended_ts,
        inspected_known_ts as ended_known_ts,
        'return_event' as feed
    from returns
    union all
    select
        return_key,
        'dispose' as stage,
        inspected_ts as began_ts,
        inspected_known_ts as known_ts,
        disposed_ts as ended_ts,
        disposed_known_ts as ended_known_ts,
        'return_event' as feed
    from returns
    where inspected_ts is not null and coalesce(condition_code not in ('damaged', 'defective'), true)
    union all
    select
        return_key,
        'refund' as stage,
        case when requires_inspection then accepted_inspection_ts else goods_received_ts end as began_ts,
        case when requires_inspection then inspected_known_ts else goods_received_known_ts end as known_ts,
        first_refund_ts as ended_ts,
        first_refund_known_ts as ended_known_ts,
        'refund' as feed
    from returns
    where
        status_code <> 'refused'
        and coalesce(inspection_result_code <> 'refused', true)
        and (accepted_inspection_ts is not null or not requires_inspection)

),

limited as (

    select
        stages.*,
        returns.channel,
        returns.location,
        returns.region,
        returns.category,
        returns.supplier,
        returns.order_line_key,
        returns.sku,
        returns._file_digest,
        returns._line,
        coalesce(returns.refund_gross_amount, returns.sold_gross_amount) as value_at_risk_amount,
        {{ control_threshold("limit", ["channel", "location"]) }} as limit_days,
        {{ add_seconds(
            "stages.began_ts", "86400 * " ~ control_threshold("limit", ["channel", "location"])
        ) }} as limit_ts
    from stages
    inner join returns on stages.return_key = returns.return_key
    {{ control_threshold_joins(
        "E52a",
        ["limit"],
        at="stages.began_ts",
        scopes={"channel": "returns.channel", "location": "returns.location"}
    ) }}

),

assessed as (

    select
        limited.return_key || '|' || limited.stage as business_key,
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
        limited.value_at_risk_amount,
        limited.limit_days as threshold_value,
        limited.limit_ts as opened_ts,
        limited.ended_ts,
        limited.ended_known_ts,
        'stage ended' as ended_reason,
        case when limited.limit_ts is null then 'not_enough_data' end as blocked_code,
        {{ control_silence_known("limited.limit_ts", "limited.known_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        {{ control_days("limited.began_ts", "coalesce(limited.ended_ts, " ~ as_of() ~ ")") }} as observed_value
    from limited
    {{ control_coverage("limited.feed", "limited.limit_ts") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E52a",
    "'return_line'",
    has=[
        "channel", "location", "region", "category", "supplier", "order_id", "order_line_key", "sku", "observed_value",
        "threshold_value", "value_at_risk_amount",
    ],
    is_running=true
) }}
