-- One row an order: what was captured and what was invoiced, in the order's currency with tax, and when the capture
-- was known.
with

captured as (
    select
        order_id,
        sum(amount) as captured_amount_local,
        max(first_received_ts) as captured_received_ts
    from {{ ref('stg_oms__payment') }}
    where payment_type = 'capture' and status_code = 'succeeded'
    group by order_id
),

invoiced as (
    select
        order_id,
        sum(net_amount + coalesce(tax_amount, 0)) as invoiced_amount_local
    from {{ ref('stg_erp__customer_document_line') }}
    where order_id is not null and document_type in ('invoice', 'receipt')
    group by order_id
)

select
    orders.order_id,
    cast(coalesce(captured.captured_amount_local, 0) as decimal(18, 2)) as captured_amount_local,
    captured.captured_received_ts,
    cast(invoiced.invoiced_amount_local as decimal(18, 2)) as invoiced_amount_local
from {{ ref('stg_oms__sales_order') }} as orders
left join captured
    on orders.order_id = captured.order_id
left join invoiced
    on orders.order_id = invoiced.order_id
