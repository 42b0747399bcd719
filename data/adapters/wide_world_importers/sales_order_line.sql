-- Grain: one row an order line, numbered within its order. IsUndersupplyBackordered of the header is a policy and true for
-- every order; it does not say that a line was sold knowingly without stock.
select
    _file_digest,
    _line,
    cast(OrderID as varchar) as order_id,
    row_number() over (partition by OrderID order by OrderLineID) as line_no,
    cast(StockItemID as varchar) as sku,
    Quantity as quantity,
    cast(UnitPrice as decimal(18, 4)) as unit_price_amount,
    round(Quantity * cast(UnitPrice as decimal(18, 4)), 2) as gross_amount,
    0 as discount_amount,
    round(Quantity * cast(UnitPrice as decimal(18, 4)) * TaxRate / 100, 2) as tax_amount,
    false as is_backorder_sale,
    1 as version_no,
    timezone('America/Los_Angeles', LastEditedWhen) at time zone 'UTC' as updated_ts
from {{ order_lines }}
