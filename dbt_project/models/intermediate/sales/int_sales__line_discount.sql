-- One row a till line with discounts: the discount ex tax and who bears it, in the till's currency.
select
    transaction_id,
    transaction_line_no,
    cast(sum(amount) as decimal(18, 2)) as discount_amount_local,
    cast(sum(case when funding_code <> 'retailer' then amount else 0 end) as decimal(18, 2))
        as funded_discount_amount_local,
    cast(sum(case when funding_code = 'supplier' then amount else 0 end) as decimal(18, 2))
        as supplier_funded_amount_local
from {{ ref('stg_oms__discount_allocation') }}
where transaction_id is not null and transaction_line_no is not null and order_id is null
group by transaction_id, transaction_line_no
