-- The stream tax: tax on invoices and receipts of an order line, and the tax of its tax lines for the units
-- invoiced. Lines on which the marketplace remits the tax are out.
{{ config(materialized='view') }}

with taxes as (
    select
        order_line_key,
        sum(tax_amount_local) as tax_amount_local,
        bool_or(remitter_code = 'marketplace') as is_remitted_by_marketplace
    from {{ ref('fct_tax_line') }}
    group by order_line_key
),

invoiced as (
    select
        documents.order_line_key,
        max(documents.order_id) as order_id,
        max(documents.channel) as channel,
        max(documents.order_type) as order_type,
        case when count(documents.tax_amount) = count(*) then sum(documents.tax_amount) end as amount,
        sum(documents.quantity) as invoiced_qty,
        max(documents.issued_ts) as issued_ts,
        max(documents.first_received_ts) as known_ts,
        min(documents._file_digest) as _file_digest,
        {{ min_by_keys('documents._line', ['documents._file_digest', 'documents._line']) }} as _line
    from {{ ref('fct_order_document_line') }} as documents
    where documents.document_type in ('invoice', 'receipt') and documents.order_line_key is not null
    group by documents.order_line_key
),

lines as (
    select
        invoiced.*,
        taxes.tax_amount_local is not null as has_tax_line,
        {{ money(
            cumulative_part(
                'taxes.tax_amount_local', 'least(invoiced.invoiced_qty, scope.latest_qty)', '0', 'scope.latest_qty'
            ) ~ ' * rates.reporting_rate'
        ) }} as line_tax_amount
    from invoiced
    inner join {{ ref('int_order__line_scope') }} as scope
        on
            invoiced.order_line_key = scope.order_line_key
            and not scope.is_test
    left join taxes
        on invoiced.order_line_key = taxes.order_line_key
    left join {{ ref('int_finance__daily_rate') }} as rates
        on
            scope.currency_code = rates.currency_code
            and scope.order_date = rates.rate_date
    where not coalesce(taxes.is_remitted_by_marketplace, false)
)

{% set columns = {
    'channel': 'channel', 'order_id': 'order_id', 'order_type': 'order_type',
    'source_entity': "'customer_document_line'",
} %}
{{ reconciliation_side(
    'tax', 'reference', 'lines',
    item_id='order_line_key', document_key='order_line_key', group_key='order_line_key',
    amount='amount', transaction_ts='issued_ts', known_ts='known_ts', columns=columns,
) }}
union all
{{ reconciliation_side(
    'tax', 'other', 'lines',
    item_id='order_line_key', document_key='order_line_key', group_key='order_line_key',
    amount='line_tax_amount', transaction_ts='issued_ts', known_ts='known_ts', columns=columns, where='has_tax_line',
) }}
