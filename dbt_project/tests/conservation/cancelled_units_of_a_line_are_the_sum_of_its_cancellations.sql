-- A returned row is an order line whose cancelled units are not the sum of its cancellations.
with

cancellations as (
    select
        order_line_key,
        sum(cancelled_qty) as cancelled_qty
    from {{ ref('fct_cancellation') }}
    group by order_line_key
)

select
    lines.order_line_key,
    lines.cancelled_qty,
    cancellations.cancelled_qty as sum_qty
from {{ ref('fct_order_line') }} as lines
full outer join cancellations
    on lines.order_line_key = cancellations.order_line_key
where coalesce(lines.cancelled_qty, -1) <> coalesce(cancellations.cancelled_qty, 0)
