-- The stream tender: invoices and receipts of orders with their captures, till sales and returns with their tenders;
-- all with tax. Voided transactions are out.
{{ config(materialized='view') }}

with documents as (
    select
        documents.document_id,
        documents.order_id,
        sum(documents.net_amount + documents.tax_amount) as amount,
        count(documents.net_amount + documents.tax_amount) = count(*) as has_amount,
        max(documents.issued_ts) as issued_ts,
        max(documents.first_received_ts) as known_ts,
        max(documents.channel) as channel,
        max(documents.order_type) as order_type,
        min(documents._file_digest) as _file_digest,
        {{ min_by_keys('documents._line', ['documents._file_digest', 'documents._line']) }} as _line
    from {{ ref('fct_order_document_line') }} as documents
    inner join {{ ref('fct_order') }} as orders
        on documents.order_id = orders.order_id
    where documents.document_type in ('invoice', 'receipt') and not orders.is_test
    group by documents.document_id, documents.order_id
),

captures as (
    select *
    from {{ ref('fct_payment') }}
    where payment_type = 'capture' and status_code = 'succeeded'
),

rung as (
    select
        lines.transaction_id,
        sum(lines.net_amount + lines.tax_amount) as amount,
        count(lines.net_amount + lines.tax_amount) = count(*) as has_amount,
        max(lines.sale_ts) as sale_ts,
        max(lines.first_received_ts) as known_ts,
        max(lines.channel) as channel,
        max(locations.legal_entity_id) as legal_entity_id,
        min(lines._file_digest) as _file_digest,
        {{ min_by_keys('lines._line', ['lines._file_digest', 'lines._line']) }} as _line
    from {{ ref('fct_store_sale_line') }} as lines
    left join {{ ref('dim_location') }} as locations
        on lines.location = locations.location_id
    where lines.transaction_type <> 'void'
    group by lines.transaction_id
),

tenders as (
    select
        tenders.*,
        {{ money('tenders.amount * rates.reporting_rate') }} as reporting_amount,
        channels.channel_id as channel,
        locations.legal_entity_id
    from {{ ref('stg_pos__pos_tender') }} as tenders
    inner join {{ ref('stg_pos__pos_transaction') }} as transactions
        on
            tenders.transaction_id = transactions.transaction_id
            and transactions.transaction_type <> 'void'
    cross join {{ ref('int_sales__store_channel') }} as channels
    left join {{ ref('dim_location') }} as locations
        on transactions.location_id = locations.location_id
    left join {{ ref('int_finance__daily_rate') }} as rates
        on
            tenders.currency_code = rates.currency_code
            and {{ reporting_date('tenders.transaction_ts') }} = rates.rate_date
)

{{ reconciliation_side(
    'tender', 'reference', 'documents',
    item_id="order_id || '|' || document_id", document_key='order_id', group_key='order_id',
    amount='case when has_amount then amount end', transaction_ts='issued_ts', known_ts='known_ts',
    columns={
        'channel': 'channel', 'order_id': 'order_id', 'order_type': 'order_type',
        'source_entity': "'customer_document_line'",
    },
) }}
union all
{{ reconciliation_side(
    'tender', 'other', 'captures',
    item_id='payment_id', document_key='order_id', group_key='order_id',
    amount='amount', transaction_ts='event_ts', known_ts='first_received_ts',
    columns={
        'channel': 'channel', 'order_id': 'order_id', 'order_type': 'order_type', 'detail_code': 'tender_type',
        'source_entity': 'source_entity',
    },
) }}
union all
{{ reconciliation_side(
    'tender', 'reference', 'rung',
    item_id='transaction_id', document_key='transaction_id', group_key='transaction_id',
    amount='case when has_amount then amount end', transaction_ts='sale_ts', known_ts='known_ts',
    columns={
        'channel': 'channel', 'legal_entity_id': 'legal_entity_id', 'order_type': "'store_sale'",
        'source_entity': "'pos_transaction_line'",
    },
) }}
union all
{{ reconciliation_side(
    'tender', 'other', 'tenders',
    item_id="transaction_id || '|' || cast(tender_no as string)",
    document_key='transaction_id', group_key='transaction_id',
    amount='reporting_amount', transaction_ts='transaction_ts', known_ts='first_received_ts',
    columns={
        'channel': 'channel', 'legal_entity_id': 'legal_entity_id', 'order_type': "'store_sale'",
        'detail_code': 'tender_type', 'source_entity': "'pos_tender'",
    },
) }}
