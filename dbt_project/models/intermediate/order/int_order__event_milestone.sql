-- One row an order line with events: when the order management system saw it pass each step. An event of the whole
-- order counts for each of its lines; a backorder of the whole order that names no quantity says nothing about units.
-- Cancellations are read in int_order__cancellation.
with

events as (
    select
        order_id,
        line_no,
        min(event_ts) filter (where event_type = 'released') as released_ts,
        max(event_ts) filter (where event_type = 'allocated') as allocated_ts,
        max(event_ts) filter (where event_type = 'picked') as picked_ts,
        {{ whole("sum(coalesce(quantity, 1000000000)) filter (where event_type = 'picked')") }} as picked_qty,
        max(event_ts) filter (where event_type = 'packed') as packed_ts,
        max(event_ts) filter (where event_type = 'shipped') as shipped_ts,
        min(event_ts) filter (where event_type = 'delay_announced') as delay_announced_ts,
        max(event_ts) filter (where event_type in ('customer_notified', 'delay_announced')) as customer_notified_ts,
        max(event_ts) filter (where event_type = 'backordered' and planned_ts is not null) as backorder_dated_ts,
        {{ max_by_keys('planned_ts', ['event_ts', 'planned_ts'], where="event_type = 'backordered'") }}
            as backorder_planned_ts,
        max(case when line_no is null then quantity else coalesce(quantity, 1000000000) end) filter (
            where event_type = 'backordered'
        ) as backordered_qty,
        max(case when line_no is null then quantity else coalesce(quantity, 1000000000) end) filter (
            where event_type = 'backordered' and reason_code in ('no_stock', 'not_found')
        ) as no_stock_backordered_qty,
        min(event_ts) filter (
            where event_type = 'backordered' and reason_code in ('no_stock', 'not_found')
        ) as no_stock_backordered_ts,
        min(first_received_ts) filter (
            where event_type = 'backordered' and reason_code in ('no_stock', 'not_found')
        ) as no_stock_backordered_known_ts,
        bool_or(coalesce(event_type = 'substituted' and 'customer' in (actor_type, initiator_code), false))
            as is_substitution_accepted,
        {{ max_by_keys('initiator_code', ['event_ts', 'initiator_code'], where="event_type = 'edited'") }}
            as edit_initiator_code
    from {{ ref('stg_oms__order_event') }}
    where event_type <> 'cancelled'
    group by order_id, line_no
),

keys as (
    select
        order_line_key,
        order_id,
        line_no
    from {{ ref('int_order__line_scope') }}
)

select
    keys.order_line_key,
    {{ least_ts('of_line.released_ts', 'of_order.released_ts') }} as released_ts,
    {%- for step in ['allocated', 'picked', 'packed', 'shipped', 'customer_notified', 'backorder_dated'] %}
    {{ greatest_ts('of_line.' ~ step ~ '_ts', 'of_order.' ~ step ~ '_ts') }} as {{ step }}_ts,
    {%- endfor %}
    {{ least_ts('of_line.delay_announced_ts', 'of_order.delay_announced_ts') }} as delay_announced_ts,
    coalesce(of_line.picked_qty, of_order.picked_qty) as picked_qty,
    coalesce(of_line.backorder_planned_ts, of_order.backorder_planned_ts) as backorder_planned_ts,
    coalesce(of_line.backordered_qty, of_order.backordered_qty, 0) as backordered_qty,
    coalesce(of_line.no_stock_backordered_qty, of_order.no_stock_backordered_qty, 0) as no_stock_backordered_qty,
    coalesce(of_line.no_stock_backordered_ts, of_order.no_stock_backordered_ts) as no_stock_backordered_ts,
    coalesce(of_line.no_stock_backordered_known_ts, of_order.no_stock_backordered_known_ts)
        as no_stock_backordered_known_ts,
    coalesce(of_line.is_substitution_accepted, false) or coalesce(of_order.is_substitution_accepted, false)
        as is_substitution_accepted,
    coalesce(of_line.edit_initiator_code, of_order.edit_initiator_code) as edit_initiator_code
from keys
left join events as of_line
    on
        keys.order_id = of_line.order_id
        and keys.line_no = of_line.line_no
left join events as of_order
    on
        keys.order_id = of_order.order_id
        and of_order.line_no is null
where of_line.order_id is not null or of_order.order_id is not null
