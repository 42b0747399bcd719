-- A returned row is an order line whose kinds of units do not fit together: more cancelled than ordered, more owed
-- than ordered, more oversold than ordered, or a milestone without the units for it.
select
    order_line_key,
    ordered_qty,
    cancelled_qty,
    obliged_qty,
    oversold_qty,
    fulfilled_qty,
    open_qty
from {{ ref('fct_order_line') }}
where
    cancelled_qty < 0
    or cancelled_qty > ordered_qty
    or cancelled_before_obligation_qty > cancelled_qty
    or no_stock_cancelled_qty > cancelled_qty
    or obliged_qty <> ordered_qty - cancelled_before_obligation_qty
    or oversold_qty > ordered_qty
    or oversold_qty < no_stock_cancelled_qty
    or fulfilled_qty > ordered_qty
    or open_qty < 0
    or (is_complete and actual_ts is null)
    or (is_cancelled and completed_ts is not null)
