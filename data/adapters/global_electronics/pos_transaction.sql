-- Grain: one row an order number of a store, which is a till transaction. Registers are not told. The total is valued at the price
-- list in US dollars, which holds no tax.
with lines as (
    select
        s.*,
        try_cast(s.Quantity as bigint)
        * try_cast(replace(replace(trim(p."Unit Price USD"), '$', ''), ',', '') as decimal(18, 2)) as amount
    from {{ sales }} as s
    left join {{ products }} as p
        on s.ProductKey = p.ProductKey
    where s.StoreKey <> '0'
),

transactions as (
    select
        arg_min(_file_digest, _line) as first_digest,
        min(_line) as first_line,
        "Order Number" as transaction_id,
        arg_min(StoreKey, _line) as location_id,
        arg_min("Order Date", _line) as order_date,
        arg_min(CustomerKey, _line) as customer_id,
        sum(amount) as total_amount
    from lines
    group by "Order Number"
)

select
    first_digest as _file_digest,
    first_line as _line,
    transaction_id,
    location_id,
    'NONE' as register_id,
    coalesce(cast(try_strptime(order_date, ['%m/%d/%Y', '%m-%d-%Y']) as varchar), order_date) as transaction_ts,
    'sale' as transaction_type,
    customer_id,
    'USD' as currency_code,
    total_amount
from transactions
