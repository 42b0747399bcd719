-- Grain: one allocation attempt that found no stock while no unit of its order line was allocated, or what was
-- allocated was lost again, and one row a line that had none. E07b: such an attempt is the line's last.
with lines as (

    select * from {{ ref("fct_order_line") }}
    where is_unit_scope

),

{{ control_attempts("result_code = 'NO_STOCK'") }},

-- What was allocated and lost again, as by a node's rejection, is asked for as a whole once more.
refusals as (

    select * from attempts
    where result_code = 'NO_STOCK' and (allocated_until_qty = 0 or missing_qty >= open_qty)

),

backorder_endings as (

    {{ control_dated_backorders("refusals", ["attempt_id"], "attempted_ts") }}

),

assessed as (

    select
        lines.order_line_key as business_key,
        refusals.attempt_id as opening_key,
        refusals.attempted_ts as opened_ts,
        {{ control_rows_known("refusals.first_received_ts", "event_coverage") }} as detected_ts,
        lines.order_line_key,
        lines.order_id,
        lines.sku,
        lines.channel,
        lines.location,
        lines.region,
        lines.category,
        lines.supplier,
        refusals.requested_qty as observed_value,
        {{ control_threshold("units", ["channel"]) }} as threshold_value,
        lines.first_promise_latest_ts as promise_latest_ts,
        coalesce(refusals._file_digest, lines._file_digest) as _file_digest,
        case when refusals._file_digest is null then lines._line else refusals._line end as _line,
        event_coverage.is_overdue as is_evidence_overdue,
        case when refusals.attempt_id is null then 'sales_order_line' else 'allocation_attempt' end as evidence_entity,
        case
            when refusals.attempt_id is null and lines.first_attempt_ts is null then 'not_applicable'
            when refusals.attempt_id is null then 'pass'
            when {{ control_threshold("units", ["channel"]) }} is null then 'not_enough_data'
            when refusals.requested_qty < {{ control_threshold("units", ["channel"]) }} then 'pass'
        end as blocked_code,
        {{ control_first_ending([
            ["refusals.next_ts", "refusals.next_known_ts", "'attempted again'"],
            ["backorder_endings.event_ts", "backorder_endings.known_ts", "'backordered with a date'"],
            ["lines.cancelled_ts", "lines.cancelled_received_ts", "'cancelled'"],
        ]) }},
        {{ control_undelivered_value("lines", "refusals.attempted_ts") }} as value_at_risk_amount,
        1 as open_orders_touched
    from lines
    left join refusals on lines.order_line_key = refusals.order_line_key
    left join backorder_endings on refusals.attempt_id = backorder_endings.attempt_id
    {{ control_threshold_joins("E07b", ["units"], at="refusals.attempted_ts", scopes={"channel": "lines.channel"}) }}
    {{ control_coverage("'order_event'", "refusals.attempted_ts", alias="event_coverage") }}

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E07b",
    "evidence_entity",
    has=[
        "channel", "location", "region", "category", "supplier", "order_id", "order_line_key", "sku", "observed_value",
        "threshold_value", "value_at_risk_amount", "promise_latest_ts", "open_orders_touched",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"]
) }}
