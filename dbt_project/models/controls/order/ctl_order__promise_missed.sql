-- Grain: the lines of a home delivery that share the end of their first promise. E12: that moment and the
-- grace for the carrier's scans have passed, and some unit is neither delivered nor cancelled. Pickups are
-- E24.
with lines as (

    select * from {{ ref("fct_order_line") }}
    where is_in_scope and fulfilment_method_code = 'delivery'

),

cancellations as (

    select
        order_line_key,
        max(received_ts) as cancelled_known_ts
    from {{ ref("fct_cancellation") }}
    group by order_line_key

),

line_endings as (

    select
        lines.*,
        {{ add_seconds(
            "lines.first_promise_latest_ts", "60 * " ~ control_threshold("grace", ["channel", "location"])
        ) }} as deadline_ts,
        {{ control_threshold("grace", ["channel", "location"]) }} as grace_minutes,
        {{ greatest_ts("lines.completed_received_ts", "cancellations.cancelled_known_ts") }} as closed_known_ts
    from lines
    left join cancellations on lines.order_line_key = cancellations.order_line_key
    {{ control_threshold_joins(
        "E12",
        ["grace"],
        at="lines.first_promise_latest_ts",
        scopes={"channel": "lines.channel", "location": "lines.location"}
    ) }}

),

deliveries as (

    select
        order_id,
        first_promise_latest_ts,
        min(deadline_ts) as deadline_ts,
        min(grace_minutes) as grace_minutes,
        max(first_promise_received_ts) as promise_known_ts,
        min(order_line_key) as order_line_key,
        min(channel) as channel,
        max(location) as location,
        min(region) as region,
        min(category) as category,
        min(supplier) as supplier,
        bool_and(is_cancelled) as is_cancelled,
        case when bool_and(is_closed) then max(closed_ts) end as ended_ts,
        case when bool_and(is_closed) then max(closed_known_ts) end as ended_known_ts,
        sum({{ control_undelivered_value("line_endings", "deadline_ts") }}) as value_at_risk_amount
    from line_endings
    group by order_id, first_promise_latest_ts

),

orders as (

    select
        order_id,
        customer_id,
        _file_digest,
        _line
    from {{ ref("fct_order") }}

),

promises as (

    select
        promise.order_line_key,
        promise._file_digest,
        promise._line
    from {{ ref("fct_promise") }} as promise
    where promise.is_first

),

delivery_feed as (

    {{ control_delivery_feed() }}

),

assessed as (

    select
        deliveries.*,
        orders.customer_id,
        coverage.is_overdue or coalesce(event_coverage.is_overdue, false) as is_evidence_overdue,
        coalesce(promises._file_digest, orders._file_digest) as _file_digest,
        case when promises._file_digest is null then orders._line else promises._line end as _line,
        case when promises._file_digest is null then 'sales_order' else 'promise' end as evidence_entity,
        deliveries.order_id || '|' || {{ control_instant("deliveries.first_promise_latest_ts") }} as business_key,
        {{ control_instant("deliveries.first_promise_latest_ts") }} as opening_key,
        case
            when deliveries.first_promise_latest_ts is null or deliveries.deadline_ts is null then 'not_enough_data'
        end as blocked_code,
        deliveries.deadline_ts as opened_ts,
        {{ control_silence_known("deliveries.deadline_ts", "deliveries.promise_known_ts", beside="event_coverage") }}
            as detected_ts,
        case when deliveries.is_cancelled then 'cancelled' else 'delivered in full' end as ended_reason,
        {{ control_minutes("deliveries.first_promise_latest_ts", "coalesce(deliveries.ended_ts, " ~ as_of() ~ ")") }}
            as observed_value,
        deliveries.grace_minutes as threshold_value,
        deliveries.first_promise_latest_ts as promise_latest_ts,
        case when orders.customer_id is not null then 1 end as customers_affected,
        1 as open_orders_touched
    from deliveries
    inner join orders on deliveries.order_id = orders.order_id
    left join promises on deliveries.order_line_key = promises.order_line_key
    cross join delivery_feed
    {{ control_coverage("delivery_feed.entity", "deliveries.deadline_ts") }}
    {{ control_coverage("'order_event'", "deliveries.deadline_ts", alias="event_coverage") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E12",
    "evidence_entity",
    has=[
        "channel", "location", "region", "order_id", "observed_value", "threshold_value", "value_at_risk_amount",
        "customers_affected", "promise_latest_ts", "open_orders_touched",
    ],
    is_running=true
) }}
