-- A returned row is an order whose lines' shares do not add up to the shipping that it charges, ex tax, in
-- reporting currency.
with

shares as (
    select
        order_id,
        sum(shipping_amount) as share_amount,
        max({{ money('order_shipping_amount_local * reporting_rate') }}) as order_amount
    from {{ ref('int_order__shipping_share') }}
    group by order_id
    having count(shipping_amount) > 0
)

select
    order_id,
    share_amount,
    order_amount
from shares
where share_amount <> order_amount
