-- One row an order line that a drop-ship supplier was asked for: by when each status was due and whether it was told in
-- time (K91). Acknowledged 48 hours and shipped with tracking 96 hours after the assignment, delivered by the first
-- promise, invoiced seven days after it: the last of them. A line that was cancelled by then needs no other status.
{{ config(materialized='view') }}

with

parts as (
    select
        parts.order_line_key,
        min(parts.assigned_ts) as assigned_ts
    from {{ ref('fct_fulfilment_line') }} as parts
    inner join {{ ref('dim_location') }} as locations on parts.location_id = locations.location_id
    where locations.location_type = 'dropship'
    group by parts.order_line_key
),

told as (
    select
        coalesce(order_line_key, order_id) as told_key,
        min(case when event_type = 'acknowledged' then event_ts end) as acknowledged_ts,
        min(case when event_type = 'invoiced' then event_ts end) as invoiced_ts
    from {{ ref('fct_order_event') }}
    where event_type in ('acknowledged', 'invoiced')
    group by coalesce(order_line_key, order_id)
),

tracked as (
    select distinct order_line_key
    from {{ ref('fct_shipment_line') }}
    where not is_cancelled and parcel_id is not null
),

lines as (
    select
        lines.*,
        parts.assigned_ts,
        coalesce(of_line.acknowledged_ts, of_order.acknowledged_ts) as acknowledged_ts,
        coalesce(of_line.invoiced_ts, of_order.invoiced_ts) as invoiced_ts,
        tracked.order_line_key is not null as is_tracked,
        {{ add_seconds('lines.first_promise_latest_ts', '7 * 86400') }} as invoice_due_ts
    from {{ ref('fct_order_line') }} as lines
    inner join parts on lines.order_line_key = parts.order_line_key
    left join told as of_line on lines.order_line_key = of_line.told_key
    left join told as of_order on lines.order_id = of_order.told_key
    left join tracked on lines.order_line_key = tracked.order_line_key
)

select
    lines.order_line_key,
    lines.order_id,
    case
        when lines.scope_exclusion_code is not null then 'out:' || lines.scope_exclusion_code
        when lines.obliged_qty = 0 then 'out:cancelled_before_obligation'
        when lines.first_promise_latest_ts is null then 'no_data:no_promise'
        when not evidence.has_supplier_status then 'no_data:no_supplier_status'
    end as exclusion_reason,
    coalesce(lines.invoice_due_ts, lines.order_ts) as last_due_ts,
    coalesce(
        (lines.is_cancelled and lines.cancelled_ts <= lines.invoice_due_ts)
        or (
            lines.acknowledged_ts <= {{ add_seconds('lines.assigned_ts', '48 * 3600') }}
            and lines.is_tracked
            and lines.shipped_ts <= {{ add_seconds('lines.assigned_ts', '96 * 3600') }}
            and lines.delivered_ts <= lines.first_promise_latest_ts
            and lines.invoiced_ts <= lines.invoice_due_ts
        ),
        false
    ) as is_complete,
    lines.supplier,
    lines.channel,
    lines.region,
    lines.source_entity,
    lines._file_digest,
    lines._line
from lines
cross join {{ ref('int_kpi__evidence') }} as evidence
