-- Grain: one line of a goods receipt. Units add up over lines; good units are received less rejected.
select
    receipts.receipt_id,
    receipts.line_no,
    {{ line_key('receipts.po_id', 'receipts.po_line_no') }} as po_line_key,
    receipts.sku,
    receipts.location_id,
    receipts.received_qty,
    receipts.rejected_qty,
    receipts.received_qty - receipts.rejected_qty as good_qty,
    receipts.arrived_ts,
    receipts.receipt_ts,
    receipts.putaway_ts,
    receipts.is_final,
    {{ mapped_dim('receipts.location_id', 'locations.location_id') }} as location,
    coalesce(locations.region, 'UNKNOWN') as region,
    coalesce(products.category, 'UNKNOWN') as category,
    coalesce(orders.supplier, 'UNKNOWN') as supplier,
    {{ evidence('receipt_line', 'receipts') }}
from {{ ref('stg_wms__receipt_line') }} as receipts
left join {{ ref('fct_purchase_order_line') }} as orders
    on {{ line_key('receipts.po_id', 'receipts.po_line_no') }} = orders.po_line_key
left join {{ ref('dim_location') }} as locations
    on receipts.location_id = locations.location_id
left join {{ ref('dim_product') }} as products
    on receipts.sku = products.sku
