-- Grain: one backorder of an order line, as its event tells it. E10: its date and the grace have passed, or no date
-- was given within the limit, and its units are neither allocated nor cancelled.
with lines as (

    select * from {{ ref("fct_order_line") }}
    where is_unit_scope

),

backorders as (

    select
        events.event_id,
        events.order_line_key,
        events.event_ts,
        events.planned_ts,
        events.first_received_ts,
        events._file_digest,
        events._line,
        least(coalesce(events.quantity, lines.ordered_qty), lines.ordered_qty) as backordered_qty,
        {{ control_threshold("grace", ["supplier", "channel"]) }} as grace_days,
        {{ control_threshold("no_date", ["supplier", "channel"]) }} as no_date_hours
    from {{ ref("fct_order_event") }} as events
    inner join lines on events.order_line_key = lines.order_line_key
    {{ control_threshold_joins(
        "E10",
        ["grace", "no_date"],
        at="events.event_ts",
        scopes={"supplier": "lines.supplier", "channel": "lines.channel"}
    ) }}
    where events.event_type = 'backordered'

),

waits as (

    select
        *,
        case
            when planned_ts is null then {{ add_seconds("event_ts", "3600 * no_date_hours") }}
            when grace_days is null then null
            else greatest(event_ts, {{ add_seconds("planned_ts", "86400 * grace_days") }})
        end as limit_ts
    from backorders

),

reliefs as (

    select
        order_line_key,
        attempted_ts as event_ts,
        first_received_ts as known_ts,
        attempt_id as relief_key,
        allocated_qty as relieved_qty,
        'units allocated' as relief
    from {{ ref("fct_allocation_attempt") }}
    where allocated_qty > 0
    union all
    select
        order_line_key,
        event_ts,
        first_received_ts as known_ts,
        cancellation_key as relief_key,
        cancelled_qty as relieved_qty,
        'cancelled' as relief
    from {{ ref("fct_cancellation") }}

),

relieved as (

    select
        waits.event_id,
        waits.backordered_qty,
        reliefs.event_ts,
        reliefs.known_ts,
        reliefs.relief_key,
        reliefs.relief,
        sum(reliefs.relieved_qty) over (
            partition by waits.event_id
            order by reliefs.event_ts, reliefs.relief, reliefs.relief_key
            rows between unbounded preceding and current row
        ) as relieved_until_qty
    from waits
    inner join reliefs
        on
            waits.order_line_key = reliefs.order_line_key
            and waits.event_ts < reliefs.event_ts

),

relief_endings as (

    select
        event_id,
        min(event_ts) as event_ts,
        {{ min_by_keys("known_ts", ["event_ts", "relief", "relief_key"]) }} as known_ts,
        {{ min_by_keys("relief", ["event_ts", "relief", "relief_key"]) }} as relief
    from relieved
    where relieved_until_qty >= backordered_qty
    group by event_id

),

-- A date that the retailer gave counts where there was none; a later one counts when the customer asked for it.
dated as (

    select
        waits.event_id,
        min(later.event_ts) as event_ts,
        {{ min_by_keys("later.first_received_ts", ["later.event_ts", "later.event_id"]) }} as known_ts
    from waits
    inner join backorders as later
        on
            waits.order_line_key = later.order_line_key
            and waits.event_ts < later.event_ts
            and waits.limit_ts >= later.event_ts
    where waits.planned_ts is null and later.planned_ts is not null
    group by waits.event_id

),

accepted as (

    select
        waits.event_id,
        min(promises.issued_ts) as event_ts,
        {{ min_by_keys("promises.first_received_ts", ["promises.issued_ts", "promises.promise_version"]) }} as known_ts
    from waits
    inner join {{ ref("fct_promise") }} as promises
        on
            waits.order_line_key = promises.order_line_key
            and waits.event_ts <= promises.issued_ts
    where
        promises.requested_by_code = 'customer'
        and (waits.planned_ts is null or waits.planned_ts < promises.promise_latest_ts)
    group by waits.event_id

),

assessed as (

    select
        lines.order_line_key as business_key,
        waits.event_id as opening_key,
        waits.limit_ts as opened_ts,
        {{ control_first_ending([
            ["relief_endings.event_ts", "relief_endings.known_ts", "relief_endings.relief"],
            ["dated.event_ts", "dated.known_ts", "'date given'"],
            ["accepted.event_ts", "accepted.known_ts", "'new date accepted'"],
        ]) }},
        lines.order_line_key,
        lines.order_id,
        lines.sku,
        lines.channel,
        lines.location,
        lines.region,
        lines.category,
        lines.supplier,
        lines.first_promise_latest_ts as promise_latest_ts,
        waits._file_digest,
        waits._line,
        case when waits.planned_ts is null then waits.no_date_hours else 24 * waits.grace_days end as threshold_value,
        case when waits.limit_ts is null then 'not_enough_data' end as blocked_code,
        {{ control_silence_known(
            "waits.limit_ts", "waits.first_received_ts", beside=["event_coverage", "promise_coverage"]
        ) }} as detected_ts,
        coverage.is_overdue
        or coalesce(event_coverage.is_overdue, false)
        or coalesce(promise_coverage.is_overdue, false) as is_evidence_overdue,
        {{ control_undelivered_value("lines", "waits.limit_ts") }} as value_at_risk_amount,
        1 as open_orders_touched,
        coalesce(waits.planned_ts, waits.event_ts) as began_ts
    from waits
    inner join lines on waits.order_line_key = lines.order_line_key
    left join relief_endings on waits.event_id = relief_endings.event_id
    left join dated on waits.event_id = dated.event_id
    left join accepted on waits.event_id = accepted.event_id
    {{ control_coverage("'allocation_attempt'", "waits.limit_ts") }}
    {{ control_coverage("'order_event'", "waits.limit_ts", alias="event_coverage") }}
    {{ control_coverage("'promise'", "waits.limit_ts", alias="promise_coverage") }}

),

measured as (

    select
        *,
        {{ control_waited_hours("began_ts", "ended_ts") }} as observed_value
    from assessed

),

{{ control_verdict("measured") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E10",
    "'order_event'",
    has=[
        "channel", "location", "region", "category", "supplier", "order_id", "order_line_key", "sku", "observed_value",
        "threshold_value", "value_at_risk_amount", "promise_latest_ts", "open_orders_touched",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"],
    is_running=true
) }}
