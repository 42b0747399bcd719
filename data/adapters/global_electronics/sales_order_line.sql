-- Grain: one row a line of a web order, valued at the list price. A product that the list does not hold has no price: the line is
-- refused.
with prices as (
    select
        ProductKey,
        try_cast(replace(replace(trim("Unit Price USD"), '$', ''), ',', '') as decimal(18, 4)) as unit_price_amount
    from {{ products }}
)

select
    s._file_digest,
    s._line,
    s."Order Number" as order_id,
    s."Line Item" as line_no,
    s.ProductKey as sku,
    s.Quantity as quantity,
    p.unit_price_amount,
    try_cast(s.Quantity as bigint) * p.unit_price_amount as gross_amount,
    0 as discount_amount,
    false as is_backorder_sale,
    1 as version_no,
    coalesce(cast(try_strptime(s."Order Date", ['%m/%d/%Y', '%m-%d-%Y']) as varchar), s."Order Date") as updated_ts
from {{ sales }} as s
left join prices as p
    on s.ProductKey = p.ProductKey
where s.StoreKey = '0'
