-- Grain: one account of a legal entity at the close of a day. Balances add up over entities, never over days; of
-- cogs and net_sales the amount is the movement of the day and adds up over days too.
select
    balances.legal_entity_id,
    balances.account_code,
    balances.balance_date,
    balances.closing_amount as closing_amount_local,
    {{ money('balances.closing_amount * rates.reporting_rate') }} as closing_amount,
    balances.currency_code,
    coalesce(entities.region, 'UNKNOWN') as region,
    {{ evidence('gl_balance', 'balances') }}
from {{ ref('stg_erp__gl_balance') }} as balances
left join {{ ref('dim_legal_entity') }} as entities
    on balances.legal_entity_id = entities.legal_entity_id
left join {{ ref('int_finance__daily_rate') }} as rates
    on
        balances.currency_code = rates.currency_code
        and balances.balance_date = rates.rate_date
