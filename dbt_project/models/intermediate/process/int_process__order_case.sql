-- One row a case that belongs to an order with its dimensions, and whether it has ended: an order line is closed, a
-- return line is refunded and credited and its goods are disposed of.
{{ config(materialized='view') }}

select
    'order-to-cash' as process,
    order_line_key as case_id,
    order_id,
    is_closed as is_ended,
    channel,
    location,
    region,
    supplier,
    order_type
from {{ ref('fct_order_line') }}
where is_in_scope

union all

select
    'return-to-refund' as process,
    return_key as case_id,
    split_part(order_line_key, '|', 1) as order_id,
    first_refund_ts is not null
    and credit_memo_posted_ts is not null
    and (disposed_ts is not null or is_refund_without_return) as is_ended,
    channel,
    location,
    region,
    supplier,
    order_type
from {{ ref('fct_return_line') }}
where not is_withdrawn
