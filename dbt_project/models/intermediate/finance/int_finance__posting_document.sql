-- Postings of invoices and credit memos that belong to no order and no return: sales of their own, with the cost
-- that the ledger booked with them. Documents of orders and returns are left out, because their goods and refunds
-- post.
{{ config(materialized='view') }}
with

documents as (
    select
        *,
        {{ reporting_date('issued_ts') }} as issued_date,
        case when document_type = 'credit_memo' then -1 else 1 end as direction
    from {{ ref('fct_order_document_line') }}
    where order_id is null and return_key is null and document_type in ('invoice', 'credit_memo')
),

posted as (
    select
        documents.*,
        case when documents.direction = 1 then 'gross_sales' else 'refund' end as step_code,
        documents.direction * documents.net_amount as amount,
        case when documents.net_amount is null then 'no_rate' end as missing_code,
        false as is_standard_cost
    from documents

    union all

    select
        documents.*,
        'cogs' as step_code,
        -documents.direction
        * coalesce(documents.cost_amount, {{ money('documents.quantity * costs.unit_cost_amount') }}) as amount,
        case when coalesce(documents.cost_amount, costs.unit_cost_amount) is null then 'no_cost' end as missing_code,
        documents.cost_amount is null and coalesce(costs.is_standard_cost, false) as is_standard_cost
    from documents
    left join {{ ref('dim_item_cost') }} as costs
        on
            documents.sku = costs.sku
            and documents.issued_date >= costs.valid_from_date
            and documents.issued_date < costs.valid_to_date
    where documents.sku is not null
)

select
    step_code || '|document|' || document_id || '|' || cast(line_no as string) as contribution_id,
    step_code,
    document_type as detail_code,
    cast(amount as decimal(18, 2)) as amount,
    missing_code,
    quantity,
    issued_ts as posting_ts,
    issued_date as posting_date,
    'document' as item_kind_code,
    document_id || '|' || cast(line_no as string) as item_key,
    order_id,
    issued_ts as order_ts,
    issued_date as order_date,
    sku,
    is_standard_cost,
    channel,
    location,
    region,
    category,
    supplier,
    'NONE' as promotion,
    order_type,
    {{ posting_evidence("'customer_document_line'", 'posted') }}
from posted
where amount is null or amount <> 0
