-- Grain: one name under which a message may speak of an order: its number, the channel's number, a shipment, a return.
{{ config(materialized="view", contract={"enforced": false}) }}

select
    'order' as object_type,
    order_id as object_key,
    order_id
from {{ ref("fct_order") }}
union
select
    'order' as object_type,
    external_order_key as object_key,
    order_id
from {{ ref("fct_order") }}
union
select
    'shipment' as object_type,
    shipment_id as object_key,
    order_id
from {{ ref("fct_shipment") }}
union
select
    'return' as object_type,
    return_id as object_key,
    split_part(order_line_key, '|', 1) as order_id
from {{ ref("fct_return_line") }}
where order_line_key is not null
