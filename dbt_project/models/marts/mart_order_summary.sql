-- Grain: one row a day of order, channel and type of order; sales at tills are the type store_sale. Every measure may
-- be summed. What this home never tells (no pick, no promise, no delivery, no backorder at all) is null and not zero.
with

evidence as (
    select
        count(picked_ts) > 0 as has_pick,
        count(promised_latest_ts) > 0 as has_promise,
        count(completed_ts) > 0 as has_completion
    from {{ ref('fct_order') }}
),

backordered as (
    select
        order_id,
        1 as is_backordered
    from {{ ref('fct_order_event') }}
    where event_type = 'backordered'
    group by order_id
),

backorder_evidence as (
    select count(*) > 0 as has_backorder
    from backordered
),

orders as (
    select
        order_id,
        order_date,
        channel,
        order_type,
        picked_ts,
        promised_latest_ts,
        completed_ts
    from {{ ref('fct_order') }}
    where not is_test
),

order_days as (
    select
        orders.order_date,
        orders.channel,
        orders.order_type,
        count(*) as order_count,
        count(orders.picked_ts) as picked_order_count,
        count(*) filter (where orders.picked_ts <= orders.promised_latest_ts) as picked_by_promise_order_count,
        count(backordered.is_backordered) as backordered_order_count,
        count(orders.completed_ts) as completed_order_count
    from orders
    left join backordered
        on orders.order_id = backordered.order_id
    group by orders.order_date, orders.channel, orders.order_type
),

line_days as (
    select
        orders.order_date,
        orders.channel,
        orders.order_type,
        count(*) filter (where not lines.is_kit_component) as line_count,
        {{ whole('sum(case when lines.is_unit_scope then lines.ordered_qty else 0 end)') }} as ordered_qty,
        {{ whole('sum(case when lines.is_unit_scope then lines.picked_qty else 0 end)') }} as picked_qty,
        count(*) filter (where not lines.is_kit_component and lines.completed_ts is not null) as completed_line_count,
        sum(
            case
                when not lines.is_kit_component and lines.completed_ts is not null
                    then {{ seconds_between('lines.order_ts', 'lines.completed_ts') }}
                else 0
            end
        ) as completed_line_seconds
    from orders
    inner join {{ ref('fct_order_line') }} as lines
        on orders.order_id = lines.order_id
    group by orders.order_date, orders.channel, orders.order_type
),

till_days as (
    select
        sale_date as order_date,
        channel,
        order_type,
        count(distinct transaction_id) as order_count,
        count(*) as line_count,
        {{ whole('sum(case when is_goods then quantity else 0 end)') }} as ordered_qty
    from {{ ref('fct_store_sale_line') }}
    where transaction_type = 'sale'
    group by sale_date, channel, order_type
)

select
    order_days.order_date,
    order_days.channel,
    order_days.order_type,
    cast(order_days.order_count as bigint) as order_count,
    cast(coalesce(line_days.line_count, 0) as bigint) as line_count,
    coalesce(line_days.ordered_qty, 0) as ordered_qty,
    case when evidence.has_pick then coalesce(line_days.picked_qty, 0) end as picked_qty,
    cast(case when evidence.has_pick then order_days.picked_order_count end as bigint) as picked_order_count,
    cast(
        case when evidence.has_pick and evidence.has_promise then order_days.picked_by_promise_order_count end as bigint
    ) as picked_by_promise_order_count,
    cast(case when backorder_evidence.has_backorder then order_days.backordered_order_count end as bigint)
        as backordered_order_count,
    cast(case when evidence.has_completion then order_days.completed_order_count end as bigint)
        as completed_order_count,
    cast(case when evidence.has_completion then coalesce(line_days.completed_line_count, 0) end as bigint)
        as completed_line_count,
    cast(case when evidence.has_completion then coalesce(line_days.completed_line_seconds, 0) end as decimal(38, 3))
        as completed_line_seconds
from order_days
left join line_days
    on
        order_days.order_date = line_days.order_date
        and order_days.channel = line_days.channel
        and order_days.order_type = line_days.order_type
cross join evidence
cross join backorder_evidence

union all

select
    order_date,
    channel,
    order_type,
    cast(order_count as bigint) as order_count,
    cast(line_count as bigint) as line_count,
    ordered_qty,
    cast(null as bigint) as picked_qty,
    cast(null as bigint) as picked_order_count,
    cast(null as bigint) as picked_by_promise_order_count,
    cast(null as bigint) as backordered_order_count,
    cast(null as bigint) as completed_order_count,
    cast(null as bigint) as completed_line_count,
    cast(null as decimal(38, 3)) as completed_line_seconds
from till_days
