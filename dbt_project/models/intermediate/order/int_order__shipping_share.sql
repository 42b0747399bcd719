-- One row an order line: its share of the shipping that the order charges, ex tax, by value of the lines; parts add
-- up to the order's shipping. Tax on shipping is the order's tax less the tax of its lines.
with

order_tax as (
    select
        order_id,
        case when count(line_tax_amount_local) = count(*) then sum(line_tax_amount_local) end as lines_tax_amount,
        max(reporting_rate) as reporting_rate
    from {{ ref('int_order__line_money') }}
    group by order_id
),

shipping as (
    select
        orders.order_id,
        orders.shipping_amount is not null as has_shipping,
        cast(
            orders.shipping_amount
            - case when orders.prices_include_tax then orders.tax_amount - order_tax.lines_tax_amount else 0 end
            as decimal(18, 2)
        ) as shipping_amount_local,
        order_tax.reporting_rate
    from {{ ref('stg_oms__sales_order') }} as orders
    inner join order_tax
        on orders.order_id = order_tax.order_id
)

select
    weights.order_line_key,
    weights.order_id,
    shipping.has_shipping,
    shipping.shipping_amount_local as order_shipping_amount_local,
    shipping.reporting_rate,
    {{ cumulative_part(
        money('shipping.shipping_amount_local * shipping.reporting_rate'),
        'weights.weight_upto', 'weights.weight_before', 'weights.order_weight'
    ) }} as shipping_amount
from {{ ref('int_order__value_weight') }} as weights
inner join shipping
    on weights.order_id = shipping.order_id
