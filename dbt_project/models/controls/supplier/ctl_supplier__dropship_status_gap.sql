-- Grain: one status that a drop-ship supplier owes for an order line and that was not known when it was due. E63:
-- acknowledged some business hours and shipped with tracking some hours after the assignment, delivered by the end of
-- the first promise, invoiced some business days after it. What the supplier refused or we cancelled is not owed.
with parts as (

    select
        parts.order_line_key,
        parts.location_id,
        min(parts.assigned_ts) as assigned_ts,
        min(parts.first_received_ts) as assigned_known_ts,
        bool_and(parts.status_code in ('rejected', 'cancelled')) as is_withdrawn,
        max(coalesce(parts.answered_ts, parts.ended_ts)) as withdrawn_ts,
        max(parts.received_ts) as withdrawn_known_ts
    from {{ ref("fct_fulfilment_line") }} as parts
    inner join {{ ref("dim_location") }} as locations on parts.location_id = locations.location_id
    where locations.location_type = 'dropship'
    group by parts.order_line_key, parts.location_id

),

owed as (

    select
        order_line_key,
        min(location_id) as location_id,
        min(assigned_ts) as assigned_ts,
        min(assigned_known_ts) as assigned_known_ts,
        case when bool_and(is_withdrawn) then max(withdrawn_ts) end as withdrawn_ts,
        max(withdrawn_known_ts) as withdrawn_known_ts
    from parts
    group by order_line_key

),

told as (

    select
        coalesce(order_line_key, order_id) as told_key,
        event_type,
        min(event_ts) as told_ts,
        {{ min_by_keys("first_received_ts", ["event_ts", "event_id"]) }} as told_known_ts
    from {{ ref("fct_order_event") }}
    where event_type in ('acknowledged', 'invoiced')
    group by coalesce(order_line_key, order_id), event_type

),

shipped as (

    select
        lines.order_line_key,
        max(lines.shipped_ts) as shipped_ts,
        max(lines.first_received_ts) as shipped_known_ts,
        case when count(*) = count(lines.delivered_ts) then max(lines.delivered_ts) end as delivered_ts,
        max(lines.delivered_received_ts) as delivered_known_ts
    from {{ ref("fct_shipment_line") }} as lines
    inner join parts on lines.order_line_key = parts.order_line_key and lines.location_id = parts.location_id
    where not lines.is_cancelled and lines.parcel_id is not null
    group by lines.order_line_key

),

limits as (

    select
        lines.order_line_key,
        owed.assigned_ts,
        owed.assigned_known_ts,
        owed.withdrawn_ts,
        owed.withdrawn_known_ts,
        {% for limit in ["acknowledge", "ship", "deliver", "invoice"] -%}
        {{ control_threshold(limit, ["supplier", "channel"]) }} as {{ limit }}_limit,
        {% endfor -%}
        lines.first_promise_latest_ts,
        {{ reporting_date("lines.first_promise_latest_ts") }} as promise_date
    from {{ ref("fct_order_line") }} as lines
    inner join owed on lines.order_line_key = owed.order_line_key
    {{ control_threshold_joins(
        "E63",
        ["acknowledge", "ship", "deliver", "invoice"],
        at="owed.assigned_ts",
        scopes={"supplier": "lines.supplier", "channel": "lines.channel"}
    ) }}
    where lines.is_in_scope

),

statuses as (

    select
        limits.order_line_key,
        'acknowledged' as status_name,
        'order_event' as silent_entity,
        limits.acknowledge_limit as threshold_value,
        {{ control_hours_deadline("limits.assigned_ts", "limits.acknowledge_limit") }} as deadline_ts
    from limits
    {{ control_hours_joins("E63", "limits.assigned_ts", "limits.acknowledge_limit") }}
    union all
    select
        order_line_key,
        'shipped' as status_name,
        'shipment_line' as silent_entity,
        ship_limit as threshold_value,
        {{ add_seconds("assigned_ts", "3600 * ship_limit") }} as deadline_ts
    from limits
    union all
    select
        limits.order_line_key,
        'delivered' as status_name,
        feed.entity as silent_entity,
        limits.deliver_limit as threshold_value,
        {{ add_seconds("limits.first_promise_latest_ts", "60 * limits.deliver_limit") }} as deadline_ts
    from limits
    cross join ({{ control_delivery_feed() }}) as feed
    union all
    select
        limits.order_line_key,
        'invoiced' as status_name,
        'order_event' as silent_entity,
        limits.invoice_limit as threshold_value,
        due_day.day_end_ts as deadline_ts
    from limits
    {{ control_business_deadline("E63", "limits.promise_date", "limits.invoice_limit") }}

),

answered as (

    select
        statuses.*,
        limits.assigned_ts,
        limits.assigned_known_ts,
        limits.withdrawn_ts,
        limits.withdrawn_known_ts,
        case statuses.status_name
            when 'shipped' then shipped.shipped_ts
            when 'delivered' then coalesce(shipped.delivered_ts, lines.delivered_ts)
            else coalesce(of_line.told_ts, of_order.told_ts)
        end as status_ts,
        case statuses.status_name
            when 'shipped' then shipped.shipped_known_ts
            when 'delivered'
                then case
                    when shipped.delivered_ts is null then lines.completed_received_ts else shipped.delivered_known_ts
                end
            else coalesce(of_line.told_known_ts, of_order.told_known_ts)
        end as status_known_ts
    from statuses
    inner join limits on statuses.order_line_key = limits.order_line_key
    inner join {{ ref("fct_order_line") }} as lines on statuses.order_line_key = lines.order_line_key
    left join shipped on statuses.order_line_key = shipped.order_line_key
    left join told as of_line
        on statuses.order_line_key = of_line.told_key and statuses.status_name = of_line.event_type
    left join told as of_order
        on lines.order_id = of_order.told_key and statuses.status_name = of_order.event_type

),

candidates as (

    select * from answered
    where coalesce(greatest(status_ts, status_known_ts) > deadline_ts, true)

),

assessed as (

    select
        candidates.order_line_key || '|' || candidates.status_name as business_key,
        {{ control_instant("candidates.deadline_ts") }} as opening_key,
        lines.channel,
        lines.location,
        lines.region,
        lines.category,
        lines.supplier,
        lines.order_id,
        lines.order_line_key,
        lines.sku,
        lines._file_digest,
        lines._line,
        lines.first_promise_latest_ts as promise_latest_ts,
        candidates.deadline_ts as opened_ts,
        {{ control_silence_known("candidates.deadline_ts", "candidates.assigned_known_ts", beside="event_coverage") }}
            as detected_ts,
        coverage.is_overdue or coalesce(event_coverage.is_overdue, false) as is_evidence_overdue,
        {{ control_first_ending([
            ["candidates.status_ts", "candidates.status_known_ts", "'status received'"],
            ["lines.cancelled_ts", "lines.cancelled_received_ts", "'cancelled'"],
            ["candidates.withdrawn_ts", "candidates.withdrawn_known_ts", "'cancelled'"],
        ]) }},
        case
            when lines.obliged_qty = 0 then 'not_applicable'
            when candidates.deadline_ts is null then 'not_enough_data'
            when candidates.status_name in ('acknowledged', 'invoiced') and not evidence.has_supplier_status
                then 'not_enough_data'
        end as blocked_code,
        {{ control_waited_hours("candidates.assigned_ts", "candidates.status_ts") }} as observed_value,
        candidates.threshold_value,
        {{ control_undelivered_value("lines", "candidates.deadline_ts") }} as value_at_risk_amount,
        1 as open_orders_touched
    from candidates
    inner join {{ ref("fct_order_line") }} as lines on candidates.order_line_key = lines.order_line_key
    cross join {{ ref("int_kpi__evidence") }} as evidence
    {{ control_coverage("candidates.silent_entity", "candidates.deadline_ts") }}
    {{ control_coverage("'order_event'", "candidates.deadline_ts", alias="event_coverage") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E63",
    "'sales_order_line'",
    has=[
        "channel", "location", "region", "category", "supplier", "order_id", "order_line_key", "sku", "observed_value",
        "threshold_value", "value_at_risk_amount", "promise_latest_ts", "open_orders_touched",
    ],
    is_running=true
) }}
