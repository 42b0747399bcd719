-- Grain: one order of which some line was not complete when the limit after the first shipment had passed. E08b: the
-- rest is neither shipped nor planned as a later shipment: no fulfilment line is live and no backorder has a date to
-- come. It opens when the last plan ended.
with orders as (

    select * from {{ ref("fct_order") }}
    where first_shipped_ts is not null and not is_test

),

lines as (

    select
        lines.*,
        orders.first_shipped_ts as began_ts,
        {{ control_threshold("limit", ["channel"]) }} as limit_hours,
        {{ add_seconds("orders.first_shipped_ts", "3600 * " ~ control_threshold("limit", ["channel"])) }} as limit_ts
    from {{ ref("fct_order_line") }} as lines
    inner join orders on lines.order_id = orders.order_id
    {{ control_threshold_joins(
        "E08b", ["limit"], at="orders.first_shipped_ts", scopes={"channel": "lines.channel"}
    ) }}
    where
        lines.is_unit_scope
        and (
            coalesce(lines.shipped_ts, lines.ready_ts) > orders.first_shipped_ts
            or (lines.shipped_ts is null and lines.ready_ts is null)
            or lines.cancelled_qty > 0
        )

),

cancelled as (

    select
        order_line_key,
        max(event_ts) as cancelled_ts,
        max(received_ts) as cancelled_known_ts
    from {{ ref("fct_cancellation") }}
    group by order_line_key

),

shipped as (

    select
        order_line_key,
        max(first_received_ts) as shipped_known_ts
    from {{ ref("fct_shipment_line") }}
    where not is_cancelled and not is_replacement
    group by order_line_key

),

-- Without its shipment an order event tells that the line has left.
told as (

    select
        lines.order_line_key,
        min(events.first_received_ts) as told_ts
    from lines
    inner join {{ ref("fct_order_event") }} as events
        on
            lines.order_line_key = events.order_line_key
            and events.event_ts >= coalesce(lines.shipped_ts, lines.ready_ts)
    where events.event_type in ('shipped', 'ready')
    group by lines.order_line_key

),

rests as (

    select
        lines.*,
        case
            when lines.shipped_ts is null and lines.ready_ts is null then lines.cancelled_ts
            else {{ greatest_ts("coalesce(lines.shipped_ts, lines.ready_ts)", "cancelled.cancelled_ts") }}
        end as gone_ts,
        case
            when lines.shipped_ts is null and lines.ready_ts is null then cancelled.cancelled_known_ts
            else {{ greatest_ts(
                "coalesce(" ~ least_ts("shipped.shipped_known_ts", "told.told_ts") ~ ", lines.actual_received_ts)",
                "cancelled.cancelled_known_ts"
            ) }}
        end as gone_known_ts
    from lines
    left join cancelled on lines.order_line_key = cancelled.order_line_key
    left join shipped on lines.order_line_key = shipped.order_line_key
    left join told on lines.order_line_key = told.order_line_key

),

plans as (

    select
        order_line_key,
        limit_ts,
        began_ts as from_ts,
        limit_ts as until_ts,
        '' as plan_key
    from rests
    union all
    select
        rests.order_line_key,
        rests.limit_ts,
        parts.assigned_ts as from_ts,
        coalesce(parts.ended_ts, cast('9999-12-31' as timestamp)) as until_ts,
        parts.fulfilment_line_id as plan_key
    from rests
    inner join {{ ref("fct_fulfilment_line") }} as parts on rests.order_line_key = parts.order_line_key
    union all
    select
        rests.order_line_key,
        rests.limit_ts,
        events.event_ts as from_ts,
        events.planned_ts as until_ts,
        events.event_id as plan_key
    from rests
    inner join {{ ref("fct_order_event") }} as events
        on
            rests.order_line_key = events.order_line_key
            and events.event_type = 'backordered'
            and events.planned_ts > events.event_ts

),

-- Plans of a line that touch or overlap are one stretch; the first stretch that outlasts the limit ends unplanned.
stretches as (

    select
        order_line_key,
        limit_ts,
        max(until_ts) over upto_plan as planned_until_ts,
        lead(from_ts) over (partition by order_line_key order by from_ts, plan_key) as next_from_ts
    from plans
    window upto_plan as (
        partition by order_line_key
        order by from_ts, plan_key
        rows between unbounded preceding and current row
    )

),

unplanned as (

    select
        order_line_key,
        min(planned_until_ts) as unplanned_ts
    from stretches
    where planned_until_ts >= limit_ts and coalesce(next_from_ts > planned_until_ts, true)
    group by order_line_key

),

order_rests as (

    select
        rests.order_id,
        min(rests.began_ts) as began_ts,
        min(rests.limit_hours) as limit_hours,
        min(unplanned.unplanned_ts) filter (
            where
            unplanned.unplanned_ts < cast('9999-12-31' as timestamp)
            and coalesce(rests.gone_ts > unplanned.unplanned_ts or rests.gone_known_ts > unplanned.unplanned_ts, true)
        ) as opened_ts,
        max(rests.first_received_ts) as line_known_ts,
        bool_and(rests.is_cancelled) as is_cancelled,
        case when count(*) = count(rests.gone_ts) then max(rests.gone_ts) end as gone_ts,
        case when count(*) = count(rests.gone_ts) then max(rests.gone_known_ts) end as gone_known_ts,
        count(*) filter (where rests.limit_ts is null) as unlimited_count
    from rests
    left join unplanned on rests.order_line_key = unplanned.order_line_key
    where coalesce(rests.gone_ts > rests.limit_ts or rests.gone_known_ts > rests.limit_ts, true)
    group by rests.order_id

),

order_values as (

    {{ control_order_values("order_rests", ["order_id"], "opened_ts") }}

),

assessed as (

    select
        orders.order_id as business_key,
        {{ control_instant("order_rests.began_ts") }} as opening_key,
        order_rests.opened_ts,
        orders.order_id,
        orders.channel,
        orders.location,
        orders.region,
        orders.promised_latest_ts as promise_latest_ts,
        orders._file_digest,
        orders._line,
        order_rests.gone_ts as ended_ts,
        order_rests.gone_known_ts as ended_known_ts,
        case when order_rests.is_cancelled then 'cancelled' else 'rest shipped' end as ended_reason,
        order_rests.limit_hours as threshold_value,
        order_values.value_at_risk_amount,
        case when orders.customer_id is not null then 1 end as customers_affected,
        1 as open_orders_touched,
        case when order_rests.unlimited_count > 0 then 'not_enough_data' end as blocked_code,
        {{ control_silence_known(
            "order_rests.opened_ts", "order_rests.line_known_ts", beside=["part_coverage", "event_coverage"]
        ) }} as detected_ts,
        coverage.is_overdue
        or coalesce(part_coverage.is_overdue, false)
        or coalesce(event_coverage.is_overdue, false) as is_evidence_overdue,
        {{ control_waited_hours("order_rests.began_ts", "order_rests.gone_ts") }} as observed_value
    from order_rests
    inner join orders on order_rests.order_id = orders.order_id
    left join order_values on order_rests.order_id = order_values.order_id
    {{ control_coverage("'shipment_line'", "order_rests.opened_ts") }}
    {{ control_coverage("'fulfilment_line'", "order_rests.opened_ts", alias="part_coverage") }}
    {{ control_coverage("'order_event'", "order_rests.opened_ts", alias="event_coverage") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E08b",
    "'sales_order'",
    has=[
        "channel", "location", "region", "order_id", "observed_value", "threshold_value", "value_at_risk_amount",
        "customers_affected", "promise_latest_ts", "open_orders_touched",
    ],
    is_running=true
) }}
