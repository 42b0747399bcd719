-- Grain: one movement of the gift-card liability. liability_amount_local is signed (what is redeemed or written off
-- lowers the liability) and adds up within a currency; liability_amount is in reporting currency at the movement's
-- day.
with movements as (
    select
        *,
        {{ reporting_date('event_ts') }} as event_date,
        case when transaction_type in ('redeemed', 'breakage') then -amount else amount end as liability_amount_local
    from {{ ref('stg_pos__gift_card_transaction') }}
)

select
    movements.gift_card_transaction_id,
    movements.legal_entity_id,
    movements.transaction_type,
    cast(movements.liability_amount_local as decimal(18, 2)) as liability_amount_local,
    {{ money('movements.liability_amount_local * rates.reporting_rate') }} as liability_amount,
    movements.currency_code,
    rates.reporting_rate,
    movements.order_id,
    movements.transaction_id,
    movements.event_ts,
    movements.event_date,
    coalesce(entities.region, 'UNKNOWN') as region,
    {{ evidence('gift_card_transaction', 'movements') }}
from movements
left join {{ ref('dim_legal_entity') }} as entities
    on movements.legal_entity_id = entities.legal_entity_id
left join {{ ref('int_finance__daily_rate') }} as rates
    on
        movements.currency_code = rates.currency_code
        and movements.event_date = rates.rate_date
