-- One row a line sold, gross of returns and less what was cancelled: of orders on the day of the order at the place
-- that gives the stock, of tills on the day of the sale (K36, K37). A line that no item is mapped to yet (E04) is no
-- item's sale.
{{ config(materialized='view') }}

select
    order_line_key as sale_key,
    location_id,
    sku,
    order_date as sale_date,
    ordered_qty - cancelled_qty as quantity,
    channel,
    location,
    region,
    category,
    supplier,
    source_entity,
    _file_digest,
    _line
from {{ ref('fct_order_line') }}
where is_unit_scope and ordered_qty > cancelled_qty and location_id is not null and sku is not null

union all

select
    transaction_line_key as sale_key,
    location_id,
    sku,
    sale_date,
    quantity,
    channel,
    location,
    region,
    category,
    supplier,
    source_entity,
    _file_digest,
    _line
from {{ ref('fct_store_sale_line') }}
where is_in_scope and is_goods and transaction_type = 'sale' and quantity > 0
