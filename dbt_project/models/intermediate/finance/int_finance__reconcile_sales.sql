-- The stream sales: what documents and tills sold on a day, and the revenue of the ledger. A ledger that names
-- documents is matched by document, one that posts totals by channel and day.
{{ config(materialized='view') }}

with sold as (
    {{ reconciliation_postings(['gross_sales']) }}
),

posted as (
    select *
    from {{ ref('fct_gl_posting') }}
    where step_code = 'gross_sales'
)

{{ reconciliation_side(
    'sales', 'reference', 'sold',
    item_id="concat_ws('|', document_id, cast(posting_date as string), channel)",
    document_key='document_id',
    group_key="channel || '|' || cast(posting_date as string)",
    amount='amount', transaction_ts='posting_ts', known_ts='known_ts',
    columns={
        'channel': 'channel', 'legal_entity_id': 'legal_entity_id', 'order_id': 'order_id', 'order_type': 'order_type',
        'source_entity': 'source_entity',
    },
) }}
union all
{{ reconciliation_side(
    'sales', 'other', 'posted',
    item_id='posting_id',
    document_key='coalesce(source_id, posting_id)',
    group_key="channel || '|' || cast(posted_date as string)",
    amount='amount', transaction_ts='posted_ts', known_ts='first_received_ts',
    columns={'channel': 'channel', 'legal_entity_id': 'legal_entity_id', 'source_entity': 'source_entity'},
) }}
