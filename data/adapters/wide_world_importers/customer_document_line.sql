-- Grain: one row an invoice line. The invoices' headers are not among the tables: day and customer come from the invoice's
-- transaction (type 1), the channel from the customer. The line's profit gives the cost that was booked with it.
with invoices as (
    select
        InvoiceID,
        min(CustomerID) as CustomerID,
        min(TransactionDate) as TransactionDate
    from {{ customer_transactions }}
    where TransactionTypeID = 1
    group by InvoiceID
)

select
    l._file_digest,
    l._line,
    cast(l.InvoiceID as varchar) as document_id,
    l.InvoiceLineID as line_no,
    'invoice' as document_type,
    g.CustomerCategoryName as channel_id,
    cast(l.StockItemID as varchar) as sku,
    'WWI' as location_id,
    l.Quantity as quantity,
    cast(l.ExtendedPrice as decimal(18, 2)) - cast(l.TaxAmount as decimal(18, 2)) as net_amount,
    cast(l.TaxAmount as decimal(18, 2)) as tax_amount,
    cast(l.ExtendedPrice as decimal(18, 2)) - cast(l.TaxAmount as decimal(18, 2)) - cast(l.LineProfit as decimal(18, 2))
        as cost_amount,
    'USD' as currency_code,
    timezone('America/Los_Angeles', coalesce(t.TransactionDate, l.LastEditedWhen)) at time zone 'UTC' as issued_ts
from {{ invoice_lines }} as l
left join invoices as t
    on l.InvoiceID = t.InvoiceID
left join {{ customers }} as c
    on t.CustomerID = c.CustomerID
left join {{ customer_categories }} as g
    on c.CustomerCategoryID = g.CustomerCategoryID
