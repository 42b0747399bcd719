-- Grain: one exception that is open, with what the order of the queue needs beside the fact.
with exceptions as (
    select
        exception_id,
        order_id
    from {{ ref('fct_exception') }}
    where status_code = 'open'
),

buyers as (
    select
        orders.order_id,
        orders.customer_id
    from {{ ref('fct_order') }} as orders
    where orders.order_id in (select exceptions.order_id from exceptions)
)

select
    exceptions.exception_id,
    customers.tier_code as customer_tier
from exceptions
left join buyers
    on exceptions.order_id = buyers.order_id
left join {{ ref('stg_crm__customer') }} as customers
    on buyers.customer_id = customers.customer_id
