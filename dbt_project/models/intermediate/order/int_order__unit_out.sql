-- One row a parcel line or pickup line that serves an order line, credited to the line whose promise it keeps: an
-- accepted substitute to the original, everything else to itself. Replacements, cancelled shipments and wrong items
-- are out. Where no feed of parcels or pickups is connected at all, the order management system's own delivered,
-- ready and collected events stand in.
with

credited as (
    select
        scope.order_line_key as own_key,
        scope.fulfilment_method_code,
        scope.sku,
        coalesce(own.is_substitution_accepted, false) as is_substitution_accepted,
        case
            when
                scope.is_substitute
                and (
                    coalesce(own.is_substitution_accepted, false)
                    or coalesce(original.is_substitution_accepted, false)
                )
                then scope.substitute_for_key
            else scope.order_line_key
        end as order_line_key
    from {{ ref('int_order__line_scope') }} as scope
    left join {{ ref('int_order__event_milestone') }} as own
        on scope.order_line_key = own.order_line_key
    left join {{ ref('int_order__event_milestone') }} as original
        on scope.substitute_for_key = original.order_line_key
),

parcels as (
    select
        order_line_key as own_key,
        'delivery' as fulfilment_method_code,
        shipment_id || '|' || parcel_id as unit_key,
        sku,
        shipped_qty as out_qty,
        packed_ts,
        shipped_ts,
        ship_notice_ts as notice_ts,
        case when delivered_ts is not null then shipped_qty else 0 end as done_qty,
        delivered_ts as done_ts,
        delivered_received_ts as done_known_ts,
        case when delivered_ts is not null then shipped_qty else 0 end as final_qty,
        delivered_ts as final_ts,
        delivered_received_ts as final_known_ts,
        cast(null as timestamp) as hold_until_ts,
        location_id,
        carrier_id
    from {{ ref('int_order__parcel_line') }}
    where not is_replacement and not is_cancelled
),

pickups as (
    select
        {{ line_key('order_id', 'line_no') }} as own_key,
        'pickup' as fulfilment_method_code,
        location_id as unit_key,
        cast(null as string) as sku,
        ready_qty as out_qty,
        cast(null as timestamp) as packed_ts,
        collected_ts as shipped_ts,
        notified_ts as notice_ts,
        case when ready_ts is not null then ready_qty else 0 end as done_qty,
        ready_ts as done_ts,
        ready_known_ts as done_known_ts,
        case when collected_ts is not null then coalesce(collected_qty, ready_qty) else 0 end as final_qty,
        collected_ts as final_ts,
        collected_known_ts as final_known_ts,
        hold_until_ts,
        location_id,
        cast(null as string) as carrier_id
    from {{ ref('stg_pos__pickup_task') }}
    where status_code not in ('cancelled', 'not_found') or ready_ts is not null
)

select
    credited.order_line_key,
    units.own_key,
    units.unit_key,
    units.out_qty,
    units.packed_ts,
    units.shipped_ts,
    units.notice_ts,
    units.done_qty,
    units.done_ts,
    units.done_known_ts,
    units.final_qty,
    units.final_ts,
    units.final_known_ts,
    units.hold_until_ts,
    units.location_id,
    units.carrier_id
from (
    select * from parcels
    union all
    select * from pickups
    union all
    select * from {{ ref('int_order__event_out') }}
) as units
inner join credited
    on
        units.own_key = credited.own_key
        and units.fulfilment_method_code = credited.fulfilment_method_code
        and (units.sku is null or credited.sku is null or units.sku = credited.sku or credited.is_substitution_accepted)
