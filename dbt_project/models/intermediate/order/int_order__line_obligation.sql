-- One row an order line: how many units are owed, and which were cancelled, backordered or sold without stock.
-- obliged = ordered less what was cancelled before it became an obligation; live = ordered less everything cancelled.
-- A unit backordered for want of stock and then cancelled for it is oversold once.
with

cancelled as (
    select
        order_line_key,
        {{ whole('sum(cancelled_qty)') }} as cancelled_qty,
        {{ whole('coalesce(sum(cancelled_qty) filter (where is_before_obligation), 0)') }}
            as cancelled_before_obligation_qty,
        {{ whole("coalesce(sum(cancelled_qty) filter (where class_code in ('no_stock', 'not_found')), 0)") }}
            as no_stock_cancelled_qty,
        min(event_ts) filter (where class_code in ('no_stock', 'not_found')) as no_stock_cancelled_ts,
        min(first_received_ts) filter (where class_code in ('no_stock', 'not_found')) as no_stock_cancelled_known_ts,
        max(event_ts) as last_cancelled_ts,
        max(first_received_ts) as last_cancelled_known_ts,
        {{ max_by_keys('initiator_code', ['event_ts', 'event_id']) }} as cancel_initiator_code
    from {{ ref('int_order__cancellation') }}
    group by order_line_key
),

cancelled_after_backorder as (
    select
        cancellations.order_line_key,
        {{ whole('sum(cancellations.cancelled_qty)') }} as cancelled_qty
    from {{ ref('int_order__cancellation') }} as cancellations
    inner join {{ ref('int_order__event_milestone') }} as milestones
        on
            cancellations.order_line_key = milestones.order_line_key
            and cancellations.event_ts >= milestones.no_stock_backordered_ts
    where cancellations.class_code in ('no_stock', 'not_found')
    group by cancellations.order_line_key
),

joined as (
    select
        scope.order_line_key,
        scope.ordered_qty,
        coalesce(cancelled.cancelled_qty, 0) as cancelled_qty,
        coalesce(cancelled.cancelled_before_obligation_qty, 0) as cancelled_before_obligation_qty,
        coalesce(cancelled.no_stock_cancelled_qty, 0) as no_stock_cancelled_qty,
        least(coalesce(milestones.backordered_qty, 0), scope.ordered_qty) as backordered_qty,
        least(coalesce(milestones.no_stock_backordered_qty, 0), scope.ordered_qty) as no_stock_backordered_qty,
        coalesce(after_backorder.cancelled_qty, 0) as cancelled_after_backorder_qty,
        {{ least_ts('cancelled.no_stock_cancelled_ts', 'milestones.no_stock_backordered_ts') }} as first_oversold_ts,
        {{ least_ts('cancelled.no_stock_cancelled_known_ts', 'milestones.no_stock_backordered_known_ts') }}
            as first_oversold_received_ts,
        cancelled.last_cancelled_ts,
        cancelled.last_cancelled_known_ts,
        cancelled.cancel_initiator_code
    from {{ ref('int_order__line_scope') }} as scope
    left join cancelled
        on scope.order_line_key = cancelled.order_line_key
    left join cancelled_after_backorder as after_backorder
        on scope.order_line_key = after_backorder.order_line_key
    left join {{ ref('int_order__event_milestone') }} as milestones
        on scope.order_line_key = milestones.order_line_key
)

select
    *,
    ordered_qty - cancelled_before_obligation_qty as obliged_qty,
    ordered_qty - cancelled_qty as live_qty,
    least(
        ordered_qty,
        no_stock_cancelled_qty + greatest(no_stock_backordered_qty - cancelled_after_backorder_qty, 0)
    ) as oversold_qty
from joined
