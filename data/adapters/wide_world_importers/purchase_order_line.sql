-- Grain: one row a purchase-order line. It counts outers; the contract counts base units, so quantities are times the item's
-- units in an outer and the price is divided by them. The line's number is the vendor's own, unique over all orders.
select
    l._file_digest,
    l._line,
    cast(l.PurchaseOrderID as varchar) as po_id,
    l.PurchaseOrderLineID as line_no,
    cast(l.StockItemID as varchar) as sku,
    l.OrderedOuters * i.QuantityPerOuter as ordered_qty,
    round(cast(l.ExpectedUnitPricePerOuter as double) / nullif(i.QuantityPerOuter, 0), 4) as unit_cost_amount,
    i.LeadTimeDays as quoted_lead_time_days,
    cast(o.ExpectedDeliveryDate as date) as requested_date,
    if(
        l.IsOrderLineFinalized,
        timezone('America/Los_Angeles', coalesce(l.LastReceiptDate, l.LastEditedWhen)) at time zone 'UTC',
        null
    ) as closed_ts,
    if(l.IsOrderLineFinalized, 'closed', 'open') as status_code,
    1 as version_no,
    timezone('America/Los_Angeles', l.LastEditedWhen) at time zone 'UTC' as updated_ts
from {{ purchase_order_lines }} as l
left join {{ purchase_orders }} as o
    on l.PurchaseOrderID = o.PurchaseOrderID
left join {{ stock_items }} as i
    on l.StockItemID = i.StockItemID
