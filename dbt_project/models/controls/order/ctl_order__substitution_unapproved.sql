-- Grain: one order line that substitutes another. E14: units of it are allocated or shipped, and the customer has not
-- accepted it. Once it is shipped, putting back the original ends nothing. No feed tells which substitutes a channel
-- permits without asking.
with substitutes as (

    select
        lines.*,
        scope.substitute_for_key,
        {{ control_threshold("units", ["channel"]) }} as threshold_value
    from {{ ref("fct_order_line") }} as lines
    inner join {{ ref("int_order__line_scope") }} as scope on lines.order_line_key = scope.order_line_key
    {{ control_threshold_joins("E14", ["units"], at="lines.order_ts", scopes={"channel": "lines.channel"}) }}
    where lines.is_substitute and not lines.is_test

),

allocations as (

    select
        substitutes.order_line_key,
        min(attempts.attempted_ts) as allocated_ts,
        {{ min_by_keys("attempts.first_received_ts", ["attempts.attempted_ts", "attempts.attempt_id"]) }} as known_ts
    from substitutes
    inner join {{ ref("fct_allocation_attempt") }} as attempts
        on substitutes.order_line_key = attempts.order_line_key and attempts.allocated_qty > 0
    group by substitutes.order_line_key

),

shipments as (

    select
        substitutes.order_line_key,
        min(parcels.shipped_ts) as shipped_ts,
        {{ min_by_keys("parcels.first_received_ts", ["parcels.shipped_ts", "parcels.first_received_ts"]) }} as known_ts
    from substitutes
    inner join {{ ref("fct_shipment_line") }} as parcels
        on substitutes.order_line_key = parcels.order_line_key and not parcels.is_cancelled
    group by substitutes.order_line_key

),

approvals as (

    select
        substitutes.order_line_key,
        min(events.event_ts) as approved_ts,
        {{ min_by_keys("events.first_received_ts", ["events.event_ts", "events.event_id"]) }} as known_ts
    from substitutes
    inner join {{ ref("fct_order_event") }} as events
        on
            substitutes.order_id = events.order_id
            and events.event_type = 'substituted'
            and 'customer' in (events.actor_type, events.initiator_code)
            and coalesce(events.order_line_key, substitutes.order_line_key)
            in (substitutes.order_line_key, substitutes.substitute_for_key)
    group by substitutes.order_line_key

),

assessed as (

    select
        substitutes.order_line_key as business_key,
        {{ control_instant(least_ts("allocations.allocated_ts", "shipments.shipped_ts")) }} as opening_key,
        case
            when substitutes.ordered_qty >= substitutes.threshold_value
                then {{ least_ts("allocations.allocated_ts", "shipments.shipped_ts") }}
        end as opened_ts,
        substitutes.order_line_key,
        substitutes.order_id,
        substitutes.sku,
        substitutes.channel,
        substitutes.location,
        substitutes.region,
        substitutes.category,
        substitutes.supplier,
        substitutes.first_promise_latest_ts as promise_latest_ts,
        substitutes._file_digest,
        substitutes._line,
        substitutes.ordered_qty as observed_value,
        substitutes.threshold_value,
        1 as open_orders_touched,
        {{ control_undelivered_value(
            "substitutes", least_ts("allocations.allocated_ts", "shipments.shipped_ts")
        ) }} as value_at_risk_amount,
        {{ control_first_ending([
            ["approvals.approved_ts", "approvals.known_ts", "'approval on record'"],
            [
                "case when coalesce(substitutes.cancelled_ts < shipments.shipped_ts, true)"
                ~ " then substitutes.cancelled_ts end",
                "substitutes.cancelled_received_ts",
                "'original restored'",
            ],
        ]) }},
        case when substitutes.threshold_value is null then 'not_enough_data' end as blocked_code,
        {{ control_rows_known(
            "greatest(coalesce(" ~ least_ts("allocations.known_ts", "shipments.known_ts")
            ~ ", substitutes.first_received_ts), substitutes.first_received_ts)", "event_coverage"
        ) }} as detected_ts,
        event_coverage.is_overdue as is_evidence_overdue
    from substitutes
    left join allocations on substitutes.order_line_key = allocations.order_line_key
    left join shipments on substitutes.order_line_key = shipments.order_line_key
    left join approvals on substitutes.order_line_key = approvals.order_line_key
    {{ control_coverage(
        "'order_event'", least_ts("allocations.allocated_ts", "shipments.shipped_ts"), alias="event_coverage"
    ) }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E14",
    "'sales_order_line'",
    has=[
        "channel", "location", "region", "category", "supplier", "order_id", "order_line_key", "sku", "observed_value",
        "threshold_value", "value_at_risk_amount", "promise_latest_ts", "open_orders_touched",
    ]
) }}
