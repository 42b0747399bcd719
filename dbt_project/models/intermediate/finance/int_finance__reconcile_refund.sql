-- The stream refund: refunds to customers with tax, and the credit memos of their returns. A refund without return
-- has no memo to match.
{{ config(materialized='view') }}

with refunds as (
    select
        refunds.*,
        coalesce(refunds.return_key, refunds.refund_id) as document_id,
        case when refunds.order_id is null then locations.legal_entity_id end as legal_entity_id
    from {{ ref('fct_refund') }} as refunds
    left join {{ ref('dim_location') }} as locations
        on refunds.location = locations.location_id
    where refunds.is_live
),

memos as (
    select
        memos.*,
        coalesce(memos.return_key, memos.document_id || '|' || cast(memos.line_no as string)) as document_key,
        refunds.legal_entity_id
    from {{ ref('fct_order_document_line') }} as memos
    left join (
        select
            document_id,
            max(legal_entity_id) as legal_entity_id
        from refunds
        group by document_id
    ) as refunds
        on memos.return_key = refunds.document_id
    where memos.document_type = 'credit_memo'
)

{{ reconciliation_side(
    'refund', 'reference', 'refunds',
    item_id='refund_id', document_key='document_id', group_key='document_id',
    amount='gross_amount', transaction_ts='refund_ts', known_ts='first_received_ts',
    columns={
        'channel': 'channel', 'legal_entity_id': 'legal_entity_id', 'order_id': 'order_id', 'order_type': 'order_type',
        'detail_code': 'refund_type', 'source_entity': 'source_entity',
    },
) }}
union all
{{ reconciliation_side(
    'refund', 'other', 'memos',
    item_id="document_id || '|' || cast(line_no as string)", document_key='document_key', group_key='document_key',
    amount='abs(net_amount + tax_amount)', transaction_ts='issued_ts', known_ts='first_received_ts',
    columns={
        'channel': 'channel', 'legal_entity_id': 'legal_entity_id', 'order_id': 'order_id', 'order_type': 'order_type',
        'source_entity': 'source_entity',
    },
) }}
