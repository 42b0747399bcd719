-- Grain: one statement of a marketplace. payout_amount_local adds up within a currency; line_total_amount_local is
-- the sum of its lines.
with

line_totals as (
    select
        settlement_id,
        sum(amount) as line_total_amount_local
    from {{ ref('stg_marketplace__settlement_line') }}
    group by settlement_id
),

deposits as (
    select
        settlement_id,
        {{ min_by_keys('deposit_id', ['deposit_ts', 'deposit_id']) }} as deposit_id,
        min(deposit_ts) as deposit_ts,
        sum(amount_local) as deposit_amount_local,
        {{ min_by_keys('first_received_ts', ['deposit_ts', 'deposit_id']) }} as deposit_known_ts
    from {{ ref('fct_bank_deposit') }}
    where is_matched
    group by settlement_id
)

select
    settlements.settlement_id,
    settlements.channel_id,
    settlements.period_start_date,
    settlements.period_end_date,
    settlements.payout_due_date,
    settlements.payout_amount as payout_amount_local,
    {{ money('settlements.payout_amount * rates.reporting_rate') }} as payout_amount,
    cast(coalesce(line_totals.line_total_amount_local, 0) as decimal(18, 2)) as line_total_amount_local,
    cast(settlements.payout_amount - coalesce(line_totals.line_total_amount_local, 0) as decimal(18, 2))
        as line_difference_amount_local,
    settlements.closed_ts,
    settlements.currency_code,
    deposits.deposit_id,
    deposits.deposit_ts,
    cast(deposits.deposit_amount_local as decimal(18, 2)) as deposit_amount_local,
    deposits.deposit_known_ts,
    {{ mapped_dim('settlements.channel_id', 'channels.channel_id') }} as channel,
    'NONE' as region,
    {{ evidence('settlement', 'settlements') }}
from {{ ref('stg_marketplace__settlement') }} as settlements
left join line_totals
    on settlements.settlement_id = line_totals.settlement_id
left join deposits
    on settlements.settlement_id = deposits.settlement_id
left join {{ ref('dim_channel') }} as channels
    on settlements.channel_id = channels.channel_id
left join {{ ref('int_finance__daily_rate') }} as rates
    on
        settlements.currency_code = rates.currency_code
        and settlements.period_end_date = rates.rate_date
