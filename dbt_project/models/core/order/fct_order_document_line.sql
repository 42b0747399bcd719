-- Grain: one line of an invoice, receipt or credit memo. Credit memos carry positive amounts as issued: do not add
-- them to invoices. A document without order takes the channel that it names and the rate of its own day.
select
    documents.document_id,
    documents.line_no,
    documents.document_type,
    {{ line_key('documents.order_id', 'documents.order_line_no') }} as order_line_key,
    documents.order_id,
    {{ line_key('documents.return_id', 'documents.return_line_no') }} as return_key,
    coalesce(documents.channel_id, orders.channel_id) as channel_id,
    documents.sku,
    documents.quantity,
    {{ money('documents.net_amount * rates.reporting_rate') }} as net_amount,
    {{ money('documents.tax_amount * rates.reporting_rate') }} as tax_amount,
    {{ money('documents.cost_amount * rates.reporting_rate') }} as cost_amount,
    documents.net_amount as net_amount_local,
    documents.tax_amount as tax_amount_local,
    documents.issued_ts,
    documents.posted_ts,
    {{ mapped_dim('coalesce(documents.channel_id, orders.channel_id)', 'channels.channel_id') }} as channel,
    {{ mapped_dim('documents.location_id', 'locations.location_id') }} as location,
    coalesce(orders.region, locations.region, 'UNKNOWN') as region,
    case when documents.sku is null then 'NONE' else coalesce(products.category, 'UNKNOWN') end as category,
    case when documents.sku is null then 'NONE' else coalesce(products.supplier, 'UNKNOWN') end as supplier,
    coalesce(orders.order_type, case when documents.order_id is null then 'NONE' else 'UNKNOWN' end) as order_type,
    {{ evidence('customer_document_line', 'documents') }}
from (
    select
        *,
        {{ reporting_date('issued_ts') }} as issued_date
    from {{ ref('stg_erp__customer_document_line') }}
) as documents
left join {{ ref('fct_order') }} as orders
    on documents.order_id = orders.order_id
left join {{ ref('int_finance__daily_rate') }} as rates
    on
        documents.currency_code = rates.currency_code
        and coalesce(orders.order_date, documents.issued_date) = rates.rate_date
left join {{ ref('dim_channel') }} as channels
    on coalesce(documents.channel_id, orders.channel_id) = channels.channel_id
left join {{ ref('dim_location') }} as locations
    on documents.location_id = locations.location_id
left join {{ ref('dim_product') }} as products
    on documents.sku = products.sku
