-- One row a refund: the sale that it reverses and the rate of that sale's day. A refund that names no order line or
-- till line takes them from its return.
with

refunds as (
    select
        refunds.*,
        {{ line_key('refunds.return_id', 'refunds.return_line_no') }} as return_key,
        {{ line_key('refunds.order_id', 'refunds.order_line_no') }} as named_order_line_key,
        {{ line_key('refunds.transaction_id', 'refunds.transaction_line_no') }} as named_transaction_line_key,
        {{ reporting_date('refunds.refund_ts') }} as refund_date
    from {{ ref('stg_oms__refund') }} as refunds
),

sold as (
    select
        refunds.*,
        coalesce(refunds.named_order_line_key, returns.order_line_key) as order_line_key,
        coalesce(
            refunds.named_transaction_line_key,
            case when refunds.order_id is null then returns.transaction_line_key end
        ) as transaction_line_key
    from refunds
    left join {{ ref('int_returns__sale') }} as returns
        on refunds.return_key = returns.return_key
)

select
    sold.*,
    rates.reporting_rate,
    orders.order_id as sale_order_id,
    coalesce(orders.order_ts, lines.order_ts, tills.sale_ts) as sale_ts,
    coalesce(orders.order_date, lines.order_date, tills.sale_date) as sale_date,
    coalesce(lines.location_id, tills.location_id) as sale_location_id,
    coalesce(lines.sku, tills.sku) as sku,
    coalesce(lines.channel, orders.channel, tills.channel, 'UNKNOWN') as channel,
    coalesce(lines.location, tills.location, orders.location, 'NONE') as location,
    coalesce(lines.region, orders.region, tills.region, 'UNKNOWN') as region,
    coalesce(lines.category, tills.category, 'NONE') as category,
    coalesce(lines.supplier, tills.supplier, 'NONE') as supplier,
    coalesce(lines.promotion, tills.promotion, 'NONE') as promotion,
    coalesce(lines.order_type, orders.order_type, tills.order_type, 'UNKNOWN') as order_type
from sold
left join {{ ref('fct_order') }} as orders
    on sold.order_id = orders.order_id
left join {{ ref('fct_order_line') }} as lines
    on sold.order_line_key = lines.order_line_key
left join {{ ref('fct_store_sale_line') }} as tills
    on sold.transaction_line_key = tills.transaction_line_key
left join {{ ref('int_finance__daily_rate') }} as rates
    on
        sold.currency_code = rates.currency_code
        and coalesce(orders.order_date, lines.order_date, tills.sale_date, sold.refund_date) = rates.rate_date
