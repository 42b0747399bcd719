-- Grain: one order line. E27: units sold against a published quantity that covered the line were cancelled
-- or backordered for want of stock. Lines sold knowingly as preorder or backorder are out.
with lines as (

    select * from {{ ref("fct_order_line") }}
    where is_unit_scope

),

oversold as (

    select
        order_line_key,
        first_oversold_ts
    from lines
    where first_oversold_ts is not null

),

filled as (

    select
        oversold.order_line_key,
        min(attempts.attempted_ts) as filled_ts,
        {{ min_by_keys(
            "attempts.first_received_ts", ["attempts.attempted_ts", "attempts.first_received_ts"]
        ) }} as filled_known_ts
    from oversold
    inner join {{ ref("fct_allocation_attempt") }} as attempts
        on
            oversold.order_line_key = attempts.order_line_key
            and oversold.first_oversold_ts < attempts.attempted_ts
            and attempts.allocated_qty > 0
    group by oversold.order_line_key

),

told as (

    select
        oversold.order_line_key,
        min(events.event_ts) as told_ts,
        {{ min_by_keys(
            "events.first_received_ts", ["events.event_ts", "events.first_received_ts"]
        ) }} as told_known_ts
    from oversold
    inner join lines on oversold.order_line_key = lines.order_line_key
    inner join {{ ref("fct_order_event") }} as events
        on
            lines.order_id = events.order_id
            and coalesce(events.order_line_key, lines.order_line_key) = lines.order_line_key
            and oversold.first_oversold_ts <= events.event_ts
            and events.event_type = 'customer_notified'
    group by oversold.order_line_key

),

assessed as (

    select
        lines.order_line_key as business_key,
        {{ control_instant("lines.first_oversold_ts") }} as opening_key,
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
        lines.oversold_qty as observed_value,
        {{ control_threshold("units", ["channel"]) }} as threshold_value,
        lines.first_promise_latest_ts as promise_latest_ts,
        case
            when lines.is_backorder_sale then 'not_applicable'
            when lines.ats_in_force_qty is null then 'not_enough_data'
            when lines.first_oversold_ts is not null and {{ control_threshold("units", ["channel"]) }} is null
                then 'not_enough_data'
        end as blocked_code,
        case
            when
                lines.ats_in_force_qty >= lines.ordered_qty
                and lines.oversold_qty >= {{ control_threshold("units", ["channel"]) }}
                then lines.first_oversold_ts
        end as opened_ts,
        greatest(lines.first_oversold_received_ts, lines.first_received_ts) as detected_ts,
        false as is_evidence_overdue,
        {{ control_first_ending([
            ["filled.filled_ts", "filled.filled_known_ts", "'units filled elsewhere'"],
            [
                "case when lines.no_stock_cancelled_qty > 0 then told.told_ts end",
                "told.told_known_ts",
                "'cancelled and customer told'",
            ],
            [
                "case when lines.no_stock_cancelled_qty = 0 then lines.cancelled_ts end",
                "lines.cancelled_received_ts",
                "'cancelled'",
            ],
        ]) }},
        {{ control_line_margin("lines", "lines.oversold_qty") }} as value_at_risk_amount,
        case
            when lines.no_stock_cancelled_qty > 0
                then {{ control_line_margin("lines", "lines.no_stock_cancelled_qty") }}
        end as realised_loss_amount,
        1 as open_orders_touched
    from lines
    left join filled on lines.order_line_key = filled.order_line_key
    left join told on lines.order_line_key = told.order_line_key
    {{ control_threshold_joins("E27", ["units"], at="lines.first_oversold_ts", scopes={"channel": "lines.channel"}) }}

),

{{ control_verdict("assessed", is_event=true) }}

{{ control_select(
    "E27",
    "'sales_order_line'",
    has=[
        "channel", "location", "region", "category", "supplier", "order_id", "order_line_key", "sku", "observed_value",
        "threshold_value", "value_at_risk_amount", "realised_loss_amount", "promise_latest_ts", "open_orders_touched",
    ]
) }}
