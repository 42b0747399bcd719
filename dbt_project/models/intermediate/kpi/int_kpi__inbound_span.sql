-- One row a purchase-order line and span of full hours in which units of it were firm inbound (K27): open, not refused
-- by the supplier and due within 14 days, as the line's dates stood then.
with

lines as (
    select
        *,
        case when open_qty = 0 then {{ least_ts('closed_ts', 'completing_receipt_ts') }} end as ended_ts
    from {{ ref('fct_purchase_order_line') }}
    where open_qty > 0 or closed_ts is not null or completing_receipt_ts is not null
),

arrivals as (
    select
        {{ line_key('po_id', 'po_line_no') }} as po_line_key,
        receipt_ts as event_ts,
        sum(received_qty - rejected_qty) as good_qty
    from {{ ref('stg_wms__receipt_line') }}
    group by po_id, po_line_no, receipt_ts

    union all

    select
        po_line_key,
        po_sent_ts as event_ts,
        0 as good_qty
    from lines
),

open_units as (
    select
        lines.po_line_key,
        lines.location_id,
        lines.sku,
        {{ full_hour('arrivals.event_ts') }} as from_hour,
        least(
            coalesce({{ full_hour('lead(arrivals.event_ts) over in_order') }}, {{ no_last_hour() }}),
            coalesce({{ full_hour('lines.ended_ts') }}, {{ no_last_hour() }})
        ) as to_hour,
        {{ whole('lines.ordered_qty - sum(arrivals.good_qty) over in_order') }} as open_qty
    from arrivals
    inner join lines
        on arrivals.po_line_key = lines.po_line_key
    window in_order as (partition by arrivals.po_line_key order by arrivals.event_ts)
)

select
    units.po_line_key,
    units.location_id,
    units.sku,
    greatest(units.from_hour, due.from_hour) as from_hour,
    least(units.to_hour, due.to_hour) as to_hour,
    units.open_qty as inbound_qty
from open_units as units
inner join {{ ref('int_kpi__inbound_due') }} as due
    on
        units.po_line_key = due.po_line_key
        and units.from_hour < due.to_hour
        and units.to_hour > due.from_hour
where units.open_qty > 0 and units.from_hour < units.to_hour
