-- One row an order: sums over its lines, and whether its items are mapped and since when.
select
    order_id,
    {{ whole('count(*)') }} as line_count,
    case when count(net_amount) = count(*) then cast(sum(net_amount) as decimal(18, 2)) end as net_amount,
    case when count(shipping_amount) = count(*) then cast(sum(shipping_amount) as decimal(18, 2)) end
        as shipping_amount,
    bool_and(sku is not null) as is_mapped
from {{ ref('fct_order_line') }}
group by order_id
