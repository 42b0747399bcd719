-- Grain: one row a purchase order.
select
    _file_digest,
    _line,
    cast(PurchaseOrderID as varchar) as po_id,
    cast(SupplierID as varchar) as supplier_id,
    'WWI' as location_id,
    timezone('America/Los_Angeles', OrderDate) at time zone 'UTC' as po_sent_ts,
    if(IsOrderFinalized, 'closed', 'open') as status_code,
    'USD' as currency_code,
    1 as version_no,
    timezone('America/Los_Angeles', LastEditedWhen) at time zone 'UTC' as updated_ts
from {{ purchase_orders }}
