-- Grain: one wait of an order line for an allocation: from its release, and from each attempt that failed
-- for another reason than stock. E07a: no attempt within the limit after release, or the last attempt
-- failed so.
with lines as (

    select * from {{ ref("fct_order_line") }}
    where is_unit_scope

),

attempts as (

    select * from {{ ref("fct_allocation_attempt") }}

),

refused_lines as (

    select distinct order_line_key
    from attempts
    where result_code in ('NO_CAPACITY', 'NODE_REJECTED', 'RULE_CONFLICT')

),

followed_attempts as (

    select
        attempts.order_line_key,
        attempts.attempt_id,
        attempts.attempted_ts,
        attempts.first_received_ts,
        attempts.result_code,
        lead(attempts.attempted_ts) over by_attempt as next_ts,
        lead(attempts.first_received_ts) over by_attempt as next_known_ts
    from attempts
    inner join refused_lines on attempts.order_line_key = refused_lines.order_line_key
    window by_attempt as (
        partition by attempts.order_line_key order by attempts.attempt_no, attempts.attempt_id
    )

),

waits as (

    select
        lines.order_line_key,
        true as is_first_wait,
        lines.released_ts as began_ts,
        lines.first_received_ts as known_ts,
        {{ control_instant("lines.released_ts") }} as opening_key,
        first_attempts.attempted_ts as next_ts,
        first_attempts.first_received_ts as next_known_ts
    from lines
    left join attempts as first_attempts
        on lines.order_line_key = first_attempts.order_line_key and first_attempts.is_first
    union all
    select
        order_line_key,
        false as is_first_wait,
        attempted_ts as began_ts,
        first_received_ts as known_ts,
        attempt_id as opening_key,
        next_ts,
        next_known_ts
    from followed_attempts
    where result_code in ('NO_CAPACITY', 'NODE_REJECTED', 'RULE_CONFLICT')

),

backorder_endings as (

    {{ control_dated_backorders("waits", ["order_line_key", "opening_key"], "began_ts") }}

),

limited as (

    select
        waits.*,
        case when waits.is_first_wait then {{ control_threshold("limit", ["channel"]) }} else 0 end as limit_minutes
    from waits
    inner join lines on waits.order_line_key = lines.order_line_key
    {{ control_threshold_joins("E07a", ["limit"], at="waits.began_ts", scopes={"channel": "lines.channel"}) }}

),

timed as (

    select
        limited.*,
        {{ add_seconds("limited.began_ts", "60 * limited.limit_minutes") }} as opened_ts,
        {{ control_first_ending([
            ["limited.next_ts", "limited.next_known_ts", "'attempted again'"],
            ["backorder_endings.event_ts", "backorder_endings.known_ts", "'backordered with a date'"],
            ["lines.cancelled_ts", "lines.cancelled_received_ts", "'cancelled'"],
        ]) }}
    from limited
    inner join lines on limited.order_line_key = lines.order_line_key
    left join backorder_endings
        on
            limited.order_line_key = backorder_endings.order_line_key
            and limited.opening_key = backorder_endings.opening_key

),

assessed as (

    select
        timed.order_line_key as business_key,
        timed.opening_key,
        timed.opened_ts,
        timed.ended_ts,
        timed.ended_known_ts,
        timed.ended_reason,
        timed.limit_minutes as threshold_value,
        lines.order_line_key,
        lines.order_id,
        lines.sku,
        lines.channel,
        lines.location,
        lines.region,
        lines.category,
        lines.supplier,
        lines._file_digest,
        lines._line,
        lines.first_promise_latest_ts as promise_latest_ts,
        case
            when timed.began_ts is null then 'not_applicable' when timed.opened_ts is null then 'not_enough_data'
        end as blocked_code,
        case
            when not timed.is_first_wait then {{ control_rows_known("timed.known_ts", "event_coverage") }}
            else {{ control_silence_known("timed.opened_ts", "timed.known_ts", beside="event_coverage") }}
        end as detected_ts,
        case
            when not timed.is_first_wait then event_coverage.is_overdue
            else coverage.is_overdue or coalesce(event_coverage.is_overdue, false)
        end as is_evidence_overdue,
        {{ control_minutes("timed.began_ts", "coalesce(timed.ended_ts, " ~ as_of() ~ ")") }} as observed_value,
        {{ control_undelivered_value("lines", "timed.opened_ts") }} as value_at_risk_amount,
        1 as open_orders_touched
    from timed
    inner join lines on timed.order_line_key = lines.order_line_key
    {{ control_coverage("'allocation_attempt'", "timed.opened_ts") }}
    {{ control_coverage("'order_event'", "timed.opened_ts", alias="event_coverage") }}

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E07a",
    "'sales_order_line'",
    has=[
        "channel", "location", "region", "category", "supplier", "order_id", "order_line_key", "sku", "observed_value",
        "threshold_value", "value_at_risk_amount", "promise_latest_ts", "open_orders_touched",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"],
    is_running=true
) }}
