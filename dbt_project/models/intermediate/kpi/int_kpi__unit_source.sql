-- One row an order line and node: the ordered units that the node held last (K07). Cancelled units stand where they
-- were cancelled; the rest where it was allocated last, newest allocation first; what no node ever held stands at
-- NONE.
with cancelled as (
    select
        order_line_key,
        location,
        sum(cancelled_qty) as cancelled_qty
    from {{ ref('fct_cancellation') }}
    where is_unit_scope
    group by order_line_key, location
),

allocated as (
    select
        order_line_key,
        location,
        max(assigned_ts) as assigned_ts,
        sum(requested_qty) as requested_qty
    from {{ ref('fct_fulfilment_line') }}
    group by order_line_key, location
),

-- A line without fulfilment lines stands at the node that the line itself names.
held as (
    select
        lines.order_line_key,
        lines.ordered_qty - lines.cancelled_qty as kept_qty,
        coalesce(allocated.location, lines.location) as location,
        allocated.assigned_ts,
        case
            when allocated.order_line_key is null then lines.ordered_qty
            else greatest(allocated.requested_qty - coalesce(cancelled.cancelled_qty, 0), 0)
        end as held_qty
    from {{ ref('fct_order_line') }} as lines
    left join allocated on lines.order_line_key = allocated.order_line_key
    left join cancelled
        on lines.order_line_key = cancelled.order_line_key and allocated.location = cancelled.location
    where lines.is_unit_scope
),

ranked as (
    select
        *,
        sum(held_qty) over (
            partition by order_line_key order by assigned_ts desc nulls last, location
            rows between unbounded preceding and current row
        ) as held_upto_qty
    from held
),

units as (
    select
        order_line_key,
        location,
        least(held_upto_qty, kept_qty) - least(held_upto_qty - held_qty, kept_qty) as quantity
    from ranked
    union all
    select
        order_line_key,
        'NONE' as location,
        kept_qty - least(max(held_upto_qty), kept_qty) as quantity
    from ranked
    group by order_line_key, kept_qty
    union all
    select
        order_line_key,
        location,
        cancelled_qty as quantity
    from cancelled
)

select
    units.order_line_key,
    units.location,
    {{ whole('sum(units.quantity)') }} as ordered_qty
from units
group by units.order_line_key, units.location
having sum(units.quantity) > 0
