-- Grain: one allocation attempt that left some, but not all units of its order line allocated, and one row a line
-- that had none. E08a: such an attempt is the line's last and the limit has passed.
with lines as (

    select * from {{ ref("fct_order_line") }}
    where is_unit_scope

),

cancellations as (

    select * from {{ ref("fct_cancellation") }}

),

{{ control_attempts("allocated_qty < requested_qty") }},

-- What was refused for another reason than stock waits as E07a, what has no unit as E07b.
judged_attempts as (

    select
        *,
        missing_qty > 0
        and allocated_until_qty > 0
        and missing_qty < open_qty
        and result_code not in ('NO_CAPACITY', 'NODE_REJECTED', 'RULE_CONFLICT') as is_partial
    from attempts

),

waits as (

    select
        attempts.*,
        {{ control_threshold("limit", ["channel"]) }} as limit_minutes,
        {{ add_seconds("attempts.attempted_ts", "60 * " ~ control_threshold("limit", ["channel"])) }} as limit_ts
    from judged_attempts as attempts
    inner join lines on attempts.order_line_key = lines.order_line_key
    {{ control_threshold_joins("E08a", ["limit"], at="attempts.attempted_ts", scopes={"channel": "lines.channel"}) }}
    where attempts.is_partial

),

resolutions as (

    select
        waits.attempt_id,
        min(attempts.attempted_ts) as event_ts,
        {{ min_by_keys("attempts.first_received_ts", ["attempts.attempt_no", "attempts.attempt_id"]) }} as known_ts,
        {{ min_by_keys("attempts.missing_qty", ["attempts.attempt_no", "attempts.attempt_id"]) }} as missing_qty
    from waits
    inner join judged_attempts as attempts
        on
            waits.order_line_key = attempts.order_line_key
            and not attempts.is_partial
            and (
                waits.attempt_no < attempts.attempt_no
                or (waits.attempt_no = attempts.attempt_no and waits.attempt_id < attempts.attempt_id)
            )
    group by waits.attempt_id

),

backorder_endings as (

    {{ control_dated_backorders("waits", ["attempt_id"], "attempted_ts") }}

),

later_cancellations as (

    select
        waits.attempt_id,
        waits.missing_qty,
        cancellations.cancellation_key,
        cancellations.event_ts,
        cancellations.first_received_ts,
        sum(cancellations.cancelled_qty) over (
            partition by waits.attempt_id
            order by cancellations.event_ts, cancellations.cancellation_key
            rows between unbounded preceding and current row
        ) as cancelled_until_qty
    from waits
    inner join cancellations
        on
            waits.order_line_key = cancellations.order_line_key
            and waits.attempted_ts < cancellations.event_ts

),

cancelled_rests as (

    select
        attempt_id,
        min(event_ts) as event_ts,
        {{ min_by_keys("first_received_ts", ["event_ts", "cancellation_key"]) }} as known_ts
    from later_cancellations
    where cancelled_until_qty >= missing_qty
    group by attempt_id

),

assessed as (

    select
        lines.order_line_key as business_key,
        waits.attempt_id as opening_key,
        waits.limit_ts as opened_ts,
        {{ control_first_ending([
            [
                "case when waits.next_ts <= waits.limit_ts then waits.next_ts end",
                "waits.next_known_ts",
                "'attempted again'",
            ],
            [
                "resolutions.event_ts",
                "resolutions.known_ts",
                "case when resolutions.missing_qty > 0 then 'refused' else 'rest allocated' end",
            ],
            ["backorder_endings.event_ts", "backorder_endings.known_ts", "'backordered with a date'"],
            ["cancelled_rests.event_ts", "cancelled_rests.known_ts", "'cancelled'"],
        ]) }},
        waits.limit_minutes as threshold_value,
        lines.order_line_key,
        lines.order_id,
        lines.sku,
        lines.channel,
        lines.location,
        lines.region,
        lines.category,
        lines.supplier,
        lines.first_promise_latest_ts as promise_latest_ts,
        coalesce(waits._file_digest, lines._file_digest) as _file_digest,
        case when waits._file_digest is null then lines._line else waits._line end as _line,
        case when waits.attempt_id is null then 'sales_order_line' else 'allocation_attempt' end as evidence_entity,
        case
            when waits.attempt_id is null and lines.first_attempt_ts is null then 'not_applicable'
            when waits.attempt_id is null then 'pass'
            when waits.limit_minutes is null then 'not_enough_data'
        end as blocked_code,
        {{ control_silence_known("waits.limit_ts", "waits.first_received_ts", beside="event_coverage") }}
            as detected_ts,
        coverage.is_overdue or coalesce(event_coverage.is_overdue, false) as is_evidence_overdue,
        {{ control_undelivered_value("lines", "waits.limit_ts") }} as value_at_risk_amount,
        1 as open_orders_touched,
        waits.attempted_ts as began_ts
    from lines
    left join waits on lines.order_line_key = waits.order_line_key
    left join resolutions on waits.attempt_id = resolutions.attempt_id
    left join backorder_endings on waits.attempt_id = backorder_endings.attempt_id
    left join cancelled_rests on waits.attempt_id = cancelled_rests.attempt_id
    {{ control_coverage("'allocation_attempt'", "waits.limit_ts") }}
    {{ control_coverage("'order_event'", "waits.limit_ts", alias="event_coverage") }}

),

measured as (

    select
        *,
        {{ control_minutes("began_ts", "coalesce(ended_ts, " ~ as_of() ~ ")") }} as observed_value
    from assessed

),

{{ control_verdict("measured") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E08a",
    "evidence_entity",
    has=[
        "channel", "location", "region", "category", "supplier", "order_id", "order_line_key", "sku", "observed_value",
        "threshold_value", "value_at_risk_amount", "promise_latest_ts", "open_orders_touched",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"],
    is_running=true
) }}
