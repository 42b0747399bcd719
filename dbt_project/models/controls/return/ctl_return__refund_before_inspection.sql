-- Grain: one return line with a refund. E49: the refund was made before the inspection that policy
-- requires. Equal instants pass.
with returns as (

    select * from {{ ref("fct_return_line") }}
    where first_refund_ts is not null

),

refund_versions as (

    select
        return_id,
        return_line_no,
        refund_id,
        received_ts,
        status_code
    from {{ source("raw", "refund") }}
    where return_id is not null

),

reclaims as (

    select
        {{ line_key("return_id", "return_line_no") }} as return_key,
        min(received_ts) as reclaimed_known_ts
    from refund_versions
    where status_code = 'reclaimed'
    group by return_id, return_line_no

),

assessed as (

    select
        returns.return_key as business_key,
        {{ control_instant("returns.first_refund_ts") }} as opening_key,
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
        returns.first_refund_ts as opened_ts,
        case
            when coverage.known_ts is not null
                then greatest(returns.first_refund_ts, returns.first_refund_known_ts, coverage.known_ts)
        end as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        {{ control_first_ending([
            ["returns.accepted_inspection_ts", "returns.inspected_known_ts", "'inspected and accepted'"],
            ["returns.refund_reclaimed_ts", "reclaims.reclaimed_known_ts", "'refund reclaimed'"],
        ]) }},
        case
            when returns.is_refund_without_return or not returns.requires_inspection then 'not_applicable'
            when {{ control_threshold("refunds", ["channel", "location"]) }} is null then 'not_enough_data'
            when returns.refund_count < {{ control_threshold("refunds", ["channel", "location"]) }} then 'pass'
        end as blocked_code,
        returns.refund_count as observed_value,
        {{ control_threshold("refunds", ["channel", "location"]) }} as threshold_value,
        returns.refund_gross_amount as value_at_risk_amount
    from returns
    left join reclaims on returns.return_key = reclaims.return_key
    {{ control_threshold_joins(
        "E49",
        ["refunds"],
        at="returns.first_refund_ts",
        scopes={"channel": "returns.channel", "location": "returns.location"}
    ) }}
    {{ control_coverage("'return_event'", "returns.first_refund_ts") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E49",
    "'return_line'",
    has=[
        "channel", "location", "region", "category", "supplier", "order_id", "order_line_key", "sku", "observed_value",
        "threshold_value", "value_at_risk_amount",
    ]
) }}
