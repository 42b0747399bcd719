-- The stream discount: discounts of documents and tills by promotion on a day, and the discounts of the ledger, by
-- document or by channel and day.
{{ config(materialized='view') }}

with given as (
    {{ reconciliation_postings(['funded_discount', 'unfunded_discount'], by_promotion=true) }}
),

posted as (
    select *
    from {{ ref('fct_gl_posting') }}
    where step_code = 'discount'
)

{{ reconciliation_side(
    'discount', 'reference', 'given',
    item_id="concat_ws('|', document_id, cast(posting_date as string), channel, promotion)",
    document_key='document_id',
    group_key="channel || '|' || cast(posting_date as string)",
    amount='amount', transaction_ts='posting_ts', known_ts='known_ts',
    columns={
        'channel': 'channel', 'legal_entity_id': 'legal_entity_id', 'promotion': 'promotion', 'order_id': 'order_id',
        'order_type': 'order_type', 'source_entity': 'source_entity',
    },
) }}
union all
{{ reconciliation_side(
    'discount', 'other', 'posted',
    item_id='posting_id',
    document_key='coalesce(source_id, posting_id)',
    group_key="channel || '|' || cast(posted_date as string)",
    amount='amount', transaction_ts='posted_ts', known_ts='first_received_ts',
    columns={'channel': 'channel', 'legal_entity_id': 'legal_entity_id', 'source_entity': 'source_entity'},
) }}
