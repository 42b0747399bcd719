-- Grain: one deposit on the bank account. Amounts add up over deposits of one currency; amount is the reporting
-- currency's.
select
    deposits.deposit_id,
    deposits.reference,
    deposits.amount as amount_local,
    {{ money('deposits.amount * rates.reporting_rate') }} as amount,
    deposits.currency_code,
    deposits.deposit_ts,
    settlements.settlement_id,
    settlements.settlement_id is not null as is_matched,
    {{ mapped_dim('settlements.channel_id', 'settlements.channel_id') }} as channel,
    {{ evidence('bank_deposit', 'deposits') }}
from (
    select
        *,
        {{ reporting_date('deposit_ts') }} as deposit_date
    from {{ ref('stg_bank__bank_deposit') }}
) as deposits
left join {{ ref('stg_marketplace__settlement') }} as settlements
    on deposits.reference = settlements.settlement_id
left join {{ ref('int_finance__daily_rate') }} as rates
    on
        deposits.currency_code = rates.currency_code
        and deposits.deposit_date = rates.rate_date
