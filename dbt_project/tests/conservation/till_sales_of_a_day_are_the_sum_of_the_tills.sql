-- A returned row is a day on which the net sales that tills contribute differ from the lines of their transactions.
with

tills as (
    select
        sale_date as posting_date,
        sum(net_amount) as till_amount
    from {{ ref('fct_store_sale_line') }}
    where transaction_type = 'sale' and is_in_scope and sale_ts <= {{ as_of() }}
    group by sale_date
),

posted as (
    select
        posting_date,
        sum(amount) as posted_amount
    from {{ ref('fct_contribution') }}
    where item_kind_code = 'store_sale' and is_net_sales and step_code <> 'refund'
    group by posting_date
)

select
    coalesce(tills.posting_date, posted.posting_date) as posting_date,
    tills.till_amount,
    posted.posted_amount
from tills
full outer join posted
    on tills.posting_date = posted.posting_date
where coalesce(tills.till_amount, 0) <> coalesce(posted.posted_amount, 0)
