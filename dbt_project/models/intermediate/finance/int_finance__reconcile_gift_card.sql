-- The stream gift_card: gift cards taken as tender at tills and for orders, and the redemptions of the card ledger.
{{ config(materialized='view') }}

with tenders as (
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
    where tenders.tender_type = 'gift_card'
),

captures as (
    select *
    from {{ ref('fct_payment') }}
    where payment_type = 'capture' and status_code = 'succeeded' and tender_type = 'gift_card'
),

redeemed as (
    select
        *,
        coalesce(transaction_id, order_id, gift_card_transaction_id) as document_id
    from {{ ref('fct_gift_card_transaction') }}
    where transaction_type = 'redeemed'
)

{{ reconciliation_side(
    'gift_card', 'reference', 'tenders',
    item_id="transaction_id || '|' || cast(tender_no as string)",
    document_key='transaction_id', group_key='transaction_id',
    amount='reporting_amount', transaction_ts='transaction_ts', known_ts='first_received_ts',
    columns={
        'channel': 'channel', 'legal_entity_id': 'legal_entity_id', 'order_type': "'store_sale'",
        'source_entity': "'pos_tender'",
    },
) }}
union all
{{ reconciliation_side(
    'gift_card', 'reference', 'captures',
    item_id='payment_id', document_key='order_id', group_key='order_id',
    amount='amount', transaction_ts='event_ts', known_ts='first_received_ts',
    columns={
        'channel': 'channel', 'order_id': 'order_id', 'order_type': 'order_type', 'source_entity': 'source_entity',
    },
) }}
union all
{{ reconciliation_side(
    'gift_card', 'other', 'redeemed',
    item_id='gift_card_transaction_id', document_key='document_id', group_key='document_id',
    amount='-liability_amount', transaction_ts='event_ts', known_ts='first_received_ts',
    columns={'legal_entity_id': 'legal_entity_id', 'order_id': 'order_id', 'source_entity': 'source_entity'},
) }}
