-- One row a return line: the sale that it reverses, where known: an order line, else a till line. Its amounts stand for
-- sold_qty units.
with

returns as (
    select
        *,
        case when order_id is null then transaction_id end as till_transaction_id
    from {{ ref('stg_oms__return_line') }}
)

select
    returns.return_id,
    returns.line_no,
    {{ line_key('returns.return_id', 'returns.line_no') }} as return_key,
    orders.order_line_key,
    tills.transaction_line_key,
    coalesce(orders.order_ts, tills.sale_ts) as sale_ts,
    coalesce(orders.completed_ts, orders.actual_ts, tills.sale_ts) as sale_completed_ts,
    coalesce(orders.order_date, tills.sale_date) as sale_date,
    coalesce(orders.channel, tills.channel, 'UNKNOWN') as channel,
    coalesce(orders.channel_id, tills.channel) as channel_id,
    coalesce(orders.region, tills.region, 'UNKNOWN') as region,
    coalesce(orders.order_type, tills.order_type, 'UNKNOWN') as order_type,
    coalesce(orders.promotion, tills.promotion, 'UNKNOWN') as promotion,
    coalesce(orders.location, tills.location, 'UNKNOWN') as sold_location,
    coalesce(orders.priced_qty, tills.quantity) as sold_qty,
    coalesce(orders.net_amount, tills.net_amount) as sold_net_amount,
    coalesce(orders.tax_amount, tills.tax_amount) as sold_tax_amount
from returns
left join {{ ref('fct_order_line') }} as orders
    on
        returns.order_id = orders.order_id
        and returns.order_line_no = orders.line_no
left join {{ ref('fct_store_sale_line') }} as tills
    on
        returns.till_transaction_id = tills.transaction_id
        and returns.transaction_line_no = tills.line_no
