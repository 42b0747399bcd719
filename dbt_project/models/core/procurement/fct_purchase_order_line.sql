-- Grain: one line of a purchase order. Units add up over lines; received units count rejected ones, good units do
-- not. Lead times are averaged over lines, never summed.
with

lines as (
    select
        {{ line_key('lines.po_id', 'lines.line_no') }} as po_line_key,
        lines.*,
        orders.supplier_id,
        orders.location_id,
        orders.po_sent_ts,
        orders.currency_code,
        orders.status_code as order_status_code,
        {{ reporting_date('orders.po_sent_ts') }} as po_sent_date,
        coalesce(locations.time_zone, {{ reporting_zone() }}) as time_zone,
        {{ mapped_dim('orders.location_id', 'locations.location_id') }} as location,
        coalesce(locations.region, 'UNKNOWN') as region
    from {{ ref('stg_erp__purchase_order_line') }} as lines
    inner join {{ ref('stg_erp__purchase_order') }} as orders
        on lines.po_id = orders.po_id
    left join {{ ref('dim_location') }} as locations
        on orders.location_id = locations.location_id
)

select
    lines.po_line_key,
    lines.po_id,
    lines.line_no,
    lines.supplier_id,
    lines.location_id,
    lines.sku,
    lines.po_sent_ts,
    lines.ordered_qty,
    cast(round(lines.unit_cost_amount * rates.reporting_rate, 4) as decimal(18, 4)) as unit_cost_amount,
    lines.quoted_lead_time_days,
    lines.requested_date,
    coalesce(acknowledged.first_committed_date, lines.requested_date) as original_commit_date,
    acknowledged.last_committed_date as committed_date,
    lines.new_date,
    lines.new_date_set_ts,
    lines.new_date_known_ts as new_date_received_ts,
    lines.closed_ts,
    lines.closed_known_ts as closed_received_ts,
    case when lines.order_status_code = 'cancelled' then 'cancelled' else lines.status_code end as status_code,
    receipts.first_receipt_ts,
    receipts.last_receipt_ts,
    receipts.completing_receipt_ts,
    receipts.completing_received_ts,
    coalesce(receipts.received_qty, 0) as received_qty,
    coalesce(receipts.rejected_qty, 0) as rejected_qty,
    coalesce(receipts.received_qty - receipts.rejected_qty, 0) as good_qty,
    case
        when lines.status_code = 'open' and lines.order_status_code = 'open' and receipts.completing_receipt_ts is null
            then greatest(lines.ordered_qty - coalesce(receipts.received_qty - receipts.rejected_qty, 0), 0)
        else 0
    end as open_qty,
    {{ days_between(
        local_date('lines.po_sent_ts', 'lines.time_zone'), local_date('receipts.completing_receipt_ts', 'lines.time_zone')
    ) }} as lead_time_days,
    {{ days_between(
        local_date('lines.po_sent_ts', 'lines.time_zone'), local_date('receipts.first_receipt_ts', 'lines.time_zone')
    ) }} as first_lead_time_days,
    acknowledged.first_ack_ts,
    acknowledged.last_ack_type,
    {{ end_of_local_day(
        'coalesce(acknowledged.first_committed_date, lines.requested_date)', 'lines.time_zone'
    ) }} as commit_deadline_ts,
    lines.location,
    lines.region,
    coalesce(products.category, 'UNKNOWN') as category,
    {{ mapped_dim('lines.supplier_id', 'suppliers.supplier_id') }} as supplier,
    {{ evidence('purchase_order_line', 'lines') }}
from lines
left join {{ ref('int_procurement__acknowledgement') }} as acknowledged
    on lines.po_line_key = acknowledged.po_line_key
left join {{ ref('int_procurement__receipt') }} as receipts
    on lines.po_line_key = receipts.po_line_key
left join {{ ref('int_finance__daily_rate') }} as rates
    on
        lines.currency_code = rates.currency_code
        and lines.po_sent_date = rates.rate_date
left join {{ ref('dim_product') }} as products
    on lines.sku = products.sku
left join {{ ref('dim_supplier') }} as suppliers
    on lines.supplier_id = suppliers.supplier_id
