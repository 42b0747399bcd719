-- One row an order line: its weight in what is spread over the lines of an order by value (by units where no line
-- has value), and the weights up to it, so that parts add up. Components of kits and test orders are lines like any
-- other.
with

weights as (
    select
        order_line_key,
        order_id,
        line_no,
        case
            when sum(greatest(net_amount_local, 0)) over (partition by order_id) > 0
                then coalesce(greatest(net_amount_local, 0), 0)
            else ordered_qty
        end as line_weight
    from {{ ref('int_order__line_money') }}
)

select
    order_line_key,
    order_id,
    line_no,
    line_weight,
    sum(line_weight) over upto_line as weight_upto,
    (sum(line_weight) over upto_line) - line_weight as weight_before,
    sum(line_weight) over all_lines as order_weight
from weights
window
    upto_line as (partition by order_id order by line_no rows unbounded preceding),
    all_lines as (
        partition by order_id order by line_no rows between unbounded preceding and unbounded following
    )
