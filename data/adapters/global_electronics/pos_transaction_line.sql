-- Grain: one row a line of a store's sale, valued at the list price. The list holds no tax, so tax is zero and the price is the
-- price without tax.
with prices as (
    select
        ProductKey,
        try_cast(replace(replace(trim("Unit Price USD"), '$', ''), ',', '') as decimal(18, 4)) as unit_price_amount
    from {{ products }}
)

select
    s._file_digest,
    s._line,
    s."Order Number" as transaction_id,
    s."Line Item" as line_no,
    s.ProductKey as sku,
    s.Quantity as quantity,
    p.unit_price_amount,
    try_cast(s.Quantity as bigint) * p.unit_price_amount as gross_amount,
    0 as discount_amount,
    0 as tax_amount,
    coalesce(cast(try_strptime(s."Order Date", ['%m/%d/%Y', '%m-%d-%Y']) as varchar), s."Order Date") as transaction_ts
from {{ sales }} as s
left join prices as p
    on s.ProductKey = p.ProductKey
where s.StoreKey <> '0'
