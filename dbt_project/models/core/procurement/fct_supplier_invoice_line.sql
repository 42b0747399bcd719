-- Grain: one line of a supplier's invoice, with its first match against order and receipt: at the latest ten days after
-- the invoice. Amounts add up within a currency.
with

invoices as (
    select
        {{ line_key('invoices.po_id', 'invoices.po_line_no') }} as po_line_key,
        invoices.*,
        {{ reporting_date('invoices.invoice_ts') }} as invoice_date,
        {{ add_seconds('invoices.invoice_ts', '10 * 86400') }} as last_match_ts,
        {{ whole('sum(invoices.quantity) over of_order_line') }} as invoiced_upto_qty
    from {{ ref('stg_erp__supplier_invoice_line') }} as invoices
    window of_order_line as (
        partition by invoices.po_id, invoices.po_line_no
        order by invoices.invoice_ts, invoices.invoice_id, invoices.line_no rows unbounded preceding
    )
),

matched as (
    select
        invoices.*,
        orders.po_id is not null as has_order,
        orders.unit_cost_amount as ordered_unit_amount,
        receipts.first_receipt_ts,
        case
            when orders.po_id is not null and receipts.first_receipt_ts <= invoices.last_match_ts
                then greatest(invoices.invoice_ts, receipts.first_receipt_ts)
            else invoices.last_match_ts
        end as matched_ts
    from invoices
    left join {{ ref('stg_erp__purchase_order_line') }} as orders
        on
            invoices.po_id = orders.po_id
            and invoices.po_line_no = orders.line_no
    left join {{ ref('int_procurement__receipt') }} as receipts
        on invoices.po_line_key = receipts.po_line_key
),

accepted as (
    select
        matched.invoice_id,
        matched.line_no,
        {{ whole('sum(receipts.received_qty - receipts.rejected_qty)') }} as accepted_qty
    from matched
    inner join {{ ref('stg_wms__receipt_line') }} as receipts
        on
            matched.po_id = receipts.po_id
            and matched.po_line_no = receipts.po_line_no
            and matched.matched_ts >= receipts.receipt_ts
    group by matched.invoice_id, matched.line_no
)

select
    matched.invoice_id,
    matched.line_no,
    matched.po_line_key,
    matched.supplier_id,
    matched.sku,
    matched.quantity,
    matched.unit_price_amount as unit_price_amount_local,
    matched.amount as amount_local,
    matched.ordered_unit_amount as ordered_unit_amount_local,
    matched.invoice_ts,
    matched.matched_ts,
    matched.invoiced_upto_qty,
    coalesce(accepted.accepted_qty, 0) as accepted_qty,
    case
        when not matched.has_order then 'no_order'
        when coalesce(accepted.accepted_qty, 0) = 0 then 'no_receipt'
        when abs(matched.unit_price_amount - matched.ordered_unit_amount) > 0.02 * matched.ordered_unit_amount
            then 'price'
        when matched.invoiced_upto_qty > accepted.accepted_qty then 'quantity'
    end as failure_code,
    coalesce(orders.location, 'NONE') as location,
    coalesce(orders.region, 'UNKNOWN') as region,
    coalesce(products.category, 'UNKNOWN') as category,
    {{ mapped_dim('matched.supplier_id', 'suppliers.supplier_id') }} as supplier,
    {{ evidence('supplier_invoice_line', 'matched') }}
from matched
left join accepted
    on
        matched.invoice_id = accepted.invoice_id
        and matched.line_no = accepted.line_no
left join {{ ref('fct_purchase_order_line') }} as orders
    on matched.po_line_key = orders.po_line_key
left join {{ ref('dim_product') }} as products
    on matched.sku = products.sku
left join {{ ref('dim_supplier') }} as suppliers
    on matched.supplier_id = suppliers.supplier_id
