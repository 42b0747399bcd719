-- Grain: one row a stock item, which has one supplier.
select
    _file_digest,
    _line,
    cast(SupplierID as varchar) as supplier_id,
    cast(StockItemID as varchar) as sku,
    LeadTimeDays as lead_time_days,
    QuantityPerOuter as pack_qty,
    'USD' as currency_code,
    timezone('America/Los_Angeles', ValidFrom) at time zone 'UTC' as updated_ts
from {{ stock_items }}
