-- Grain: one row a purchase-order line that was received. The table keeps the last receipt and the total; earlier partial receipts
-- are not told. The date of the receipt is its midnight at the warehouse.
select
    l._file_digest,
    l._line,
    concat(l.PurchaseOrderID, '-', l.PurchaseOrderLineID) as receipt_id,
    1 as line_no,
    cast(l.PurchaseOrderID as varchar) as po_id,
    l.PurchaseOrderLineID as po_line_no,
    cast(l.StockItemID as varchar) as sku,
    'WWI' as location_id,
    l.ReceivedOuters * i.QuantityPerOuter as received_qty,
    0 as rejected_qty,
    timezone('America/Los_Angeles', l.LastReceiptDate) at time zone 'UTC' as receipt_ts,
    l.IsOrderLineFinalized as is_final
from {{ purchase_order_lines }} as l
left join {{ stock_items }} as i
    on l.StockItemID = i.StockItemID
where l.LastReceiptDate is not null
