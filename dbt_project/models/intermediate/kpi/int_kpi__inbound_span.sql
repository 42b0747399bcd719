-- One row a purchase-order line and span of full hours in which units of it were firm inbound (K27): open, not refused
-- by the supplier and due within 14 days, as the line's dates stood then.
with

lines as (
    select
        *,
        case when open_qty = 0 then {{ least_ts('closed_ts', 'completing_receipt_ts') }} end as ended_ts,
        case when new_date is not null then coalesce(new_date_set_ts, po_sent_ts) end as moved_ts
    from {{ ref('fct_purchase_order_line') }}
    where open_qty > 0 or closed_ts is not null or completing_receipt_ts is not null
),

answers as (
    select
        {{ line_key('po_id', 'line_no') }} as po_line_key,
        ack_version,
        max(ack_ts) over versions as from_ts,
        ack_type = 'rejected' as is_refused,
        case when ack_type <> 'rejected' then committed_date end as committed_date,
        count(case when ack_type <> 'rejected' then committed_date end) over versions as commitment_no
    from {{ ref('stg_edi__po_acknowledgement') }}
    window versions as (partition by po_id, line_no order by ack_version rows unbounded preceding)
),

states as (
    select
        po_line_key,
        cast(0 as bigint) as ack_version,
        po_sent_ts as from_ts,
        false as is_refused,
        cast(null as date) as committed_date
    from lines

    union all

    select
        po_line_key,
        ack_version,
        from_ts,
        is_refused,
        max(committed_date) over (partition by po_line_key, commitment_no) as committed_date
    from answers
),

state_spans as (
    select
        *,
        lead(from_ts) over (partition by po_line_key order by from_ts, ack_version) as to_ts
    from states
),

-- a new date set by the buyer stands from then on, whatever the supplier had said
dated as (
    select
        states.po_line_key,
        states.from_ts,
        {{ least_ts('states.to_ts', 'lines.moved_ts') }} as to_ts,
        coalesce(states.committed_date, lines.requested_date) as due_date
    from state_spans as states
    inner join lines
        on states.po_line_key = lines.po_line_key
    where not states.is_refused

    union all

    select
        states.po_line_key,
        {{ greatest_ts('states.from_ts', 'lines.moved_ts') }} as from_ts,
        states.to_ts,
        lines.new_date as due_date
    from state_spans as states
    inner join lines
        on states.po_line_key = lines.po_line_key
    where not states.is_refused and lines.moved_ts is not null
),

due as (
    select
        po_line_key,
        greatest({{ full_hour('from_ts') }}, {{ first_hour_of_day(add_days('due_date', -14)) }}) as from_hour,
        coalesce({{ full_hour('to_ts') }}, {{ no_last_hour() }}) as to_hour
    from dated
    where due_date is not null
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
inner join due
    on
        units.po_line_key = due.po_line_key
        and units.from_hour < due.to_hour
        and units.to_hour > due.from_hour
where units.open_qty > 0 and units.from_hour < units.to_hour and due.from_hour < due.to_hour
