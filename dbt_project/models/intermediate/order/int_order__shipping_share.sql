-- One row an order line: its share of the shipping that the order charges, ex tax, by value of the lines (by units where none has
-- value); parts add up to the order's shipping. Tax on shipping is the order's tax less the tax of its lines.
with

order_tax as (
    select
        order_id,
        case when count(line_tax_amount_local) = count(*) then sum(line_tax_amount_local) end as lines_tax_amount,
        any_value(reporting_rate) as reporting_rate
    from {{ ref('int_order__line_money') }}
    group by order_id
),

shipping as (
    select
        orders.order_id,
        cast(
            orders.shipping_amount
            - case when orders.prices_include_tax then orders.tax_amount - order_tax.lines_tax_amount else 0 end
            as decimal(18, 2)
        ) as shipping_amount_local,
        order_tax.reporting_rate
    from {{ ref('stg_oms__sales_order') }} as orders
    inner join order_tax
        on orders.order_id = order_tax.order_id
),

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
),

cumulative as (
    select
        *,
        sum(line_weight) over (partition by order_id order by line_no rows unbounded preceding) as weight_upto,
        sum(line_weight) over (partition by order_id) as order_weight
    from weights
)

select
    cumulative.order_line_key,
    cumulative.order_id,
    cumulative.order_weight,
    cumulative.line_weight,
    {{ cumulative_part(
        'shipping.shipping_amount_local',
        'cumulative.weight_upto', 'cumulative.weight_upto - cumulative.line_weight', 'cumulative.order_weight'
    ) }} as shipping_amount_local,
    {{ cumulative_part(
        money('shipping.shipping_amount_local * shipping.reporting_rate'),
        'cumulative.weight_upto', 'cumulative.weight_upto - cumulative.line_weight', 'cumulative.order_weight'
    ) }} as shipping_amount
from cumulative
inner join shipping
    on cumulative.order_id = shipping.order_id
