-- One row an order line: how far it has come. A milestone stands when the last unit that was not cancelled has passed
-- it.
with

joined as (
    select
        scope.order_line_key,
        scope.order_id,
        scope.line_no,
        scope.fulfilment_method_code = 'pickup' as is_pickup,
        scope.pickup_location_id,
        obligation.ordered_qty,
        obligation.cancelled_qty,
        obligation.obliged_qty,
        obligation.live_qty,
        obligation.last_cancelled_ts,
        obligation.last_cancelled_known_ts,
        milestones.released_ts,
        milestones.allocated_ts as event_allocated_ts,
        milestones.picked_ts as event_picked_ts,
        milestones.packed_ts as event_packed_ts,
        milestones.shipped_ts as event_shipped_ts,
        allocation.first_attempt_ts,
        allocation.allocated_ts as attempt_allocated_ts,
        -- `least` passes over nulls: a line without any pick would count as picked in full
        coalesce(
            allocation.picked_qty,
            case when milestones.picked_qty is not null then least(milestones.picked_qty, obligation.ordered_qty) end
        ) as known_picked_qty,
        allocation.picked_ts as task_picked_ts,
        allocation.order_line_key is not null as has_allocation,
        coalesce(allocation.allocated_qty, 0) as allocated_qty,
        allocation.location_id as allocated_location_id,
        coalesce(units.out_qty, 0) as out_qty,
        coalesce(units.done_qty, 0) as done_qty,
        coalesce(units.final_qty, 0) as final_qty,
        units.packed_ts as unit_packed_ts,
        units.shipped_ts as unit_shipped_ts,
        units.first_shipped_ts,
        units.notice_ts,
        units.is_noticed,
        units.done_ts,
        units.done_known_ts,
        units.final_ts,
        units.final_known_ts,
        units.hold_until_ts,
        units.location_id as unit_location_id,
        units.carrier_id
    from {{ ref('int_order__line_scope') }} as scope
    inner join {{ ref('int_order__line_obligation') }} as obligation
        on scope.order_line_key = obligation.order_line_key
    left join {{ ref('int_order__event_milestone') }} as milestones
        on scope.order_line_key = milestones.order_line_key
    left join {{ ref('int_order__line_allocation') }} as allocation
        on scope.order_line_key = allocation.order_line_key
    left join {{ ref('int_order__line_out') }} as units
        on scope.order_line_key = units.order_line_key
)

select
    order_line_key,
    order_id,
    line_no,
    is_pickup,
    released_ts,
    case
        when live_qty > 0 and (allocated_qty >= live_qty or not has_allocation)
            then coalesce(attempt_allocated_ts, event_allocated_ts)
    end as allocated_ts,
    case when live_qty > 0 and known_picked_qty >= live_qty then coalesce(event_picked_ts, task_picked_ts) end
        as picked_ts,
    case
        when live_qty > 0 and (is_pickup or out_qty >= live_qty or out_qty = 0)
            then coalesce(unit_packed_ts, event_packed_ts)
    end as packed_ts,
    case
        when live_qty > 0 and not is_pickup and (out_qty >= live_qty or out_qty = 0)
            -- a goods issue at the instant of the delivery only stands in for one that nobody told
            then coalesce(
                case when unit_shipped_ts is distinct from final_ts then unit_shipped_ts end, event_shipped_ts
            )
    end as shipped_ts,
    case when live_qty > 0 and not is_pickup and done_qty >= live_qty then done_ts end as delivered_ts,
    case when live_qty > 0 and is_pickup and done_qty >= live_qty then done_ts end as ready_ts,
    case when is_pickup then notice_ts end as notified_ts,
    case when live_qty > 0 and is_pickup and final_qty >= live_qty then final_ts end as collected_ts,
    first_shipped_ts,
    hold_until_ts,
    allocated_qty,
    coalesce(known_picked_qty, 0) as picked_qty,
    case when is_pickup then 0 else out_qty end as shipped_qty,
    case when is_pickup then done_qty else 0 end as ready_qty,
    case when is_pickup then 0 else done_qty end as delivered_qty,
    case when is_pickup then final_qty else 0 end as collected_qty,
    least(final_qty, ordered_qty) as fulfilled_qty,
    greatest(live_qty - done_qty, 0) as open_qty,
    obliged_qty > 0 and done_qty >= obliged_qty as is_complete,
    done_qty > obliged_qty as is_over_delivered,
    case when obliged_qty > 0 and done_qty >= obliged_qty then done_ts end as actual_ts,
    case when obliged_qty > 0 and done_qty >= obliged_qty then done_known_ts end as actual_received_ts,
    case when obliged_qty > 0 and done_qty >= obliged_qty then is_noticed end as has_ship_notice,
    case when live_qty > 0 and final_qty >= live_qty then final_ts end as completed_ts,
    case when live_qty > 0 and final_qty >= live_qty then final_known_ts end as completed_received_ts,
    live_qty <= 0 as is_cancelled,
    case when live_qty <= 0 then last_cancelled_ts end as cancelled_ts,
    case when live_qty <= 0 then last_cancelled_known_ts end as cancelled_received_ts,
    live_qty <= 0 or final_qty >= live_qty as is_closed,
    case
        when live_qty <= 0 then last_cancelled_ts
        when final_qty >= live_qty then {{ greatest_ts('final_ts', 'last_cancelled_ts') }}
    end as closed_ts,
    allocated_location_id,
    coalesce(unit_location_id, allocated_location_id, pickup_location_id) as location_id,
    carrier_id
from joined
