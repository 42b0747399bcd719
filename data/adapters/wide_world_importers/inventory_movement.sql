-- Grain: one row a stock movement. The tables begin without an opening balance. An unknown kind keeps the vendor's number,
-- which the contract refuses.
select
    _file_digest,
    _line,
    cast(StockItemTransactionID as varchar) as movement_id,
    'WWI' as location_id,
    cast(StockItemID as varchar) as sku,
    case TransactionTypeID
        when 10 then 'ship'
        when 11 then 'receipt'
        when 12 then 'count'
        else cast(TransactionTypeID as varchar)
    end as movement_type,
    Quantity as quantity,
    'sellable' as state_code,
    'USD' as currency_code,
    timezone('America/Los_Angeles', TransactionOccurredWhen) at time zone 'UTC' as event_ts,
    case TransactionTypeID
        when 11 then 'purchase_order'
        when 12 then 'count'
        else 'none'
    end as reference_type,
    cast(cast(PurchaseOrderID as bigint) as varchar) as reference_id
from {{ stock_item_transactions }}
