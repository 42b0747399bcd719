-- Grain: one order that lacked tax, shipping or the item of a line in any version, with which of them. The
-- latest version alone would forget what was mended.
{{ config(contract={"enforced": false}) }}

with headers as (

    select
        order_id,
        bool_or(tax_amount is null) as lacked_tax,
        bool_or(shipping_amount is null) as lacked_shipping
    from {{ source("raw", "sales_order") }}
    group by order_id

),

lines as (

    select
        order_id,
        bool_or(sku is null) as lacked_item
    from {{ source("raw", "sales_order_line") }}
    group by order_id

)

select
    headers.order_id,
    case when headers.lacked_tax then 1 else 0 end
    + case when headers.lacked_shipping then 1 else 0 end
    + case when coalesce(lines.lacked_item, false) then 1 else 0 end as missing_fields
from headers
left join lines on headers.order_id = lines.order_id
where headers.lacked_tax or headers.lacked_shipping or coalesce(lines.lacked_item, false)
