-- One row a legal entity and day on which the ledger tells its gift-card liability: that balance, and what it should
-- be, rolled forward from the ledger's first balance by all card movements since (K77). A movement in another
-- currency than the ledger's is converted at the rates of its day.
{{ config(materialized='view') }}

with ledger as (
    select
        balances.*,
        min(balances.balance_date) over (partition by balances.legal_entity_id) as first_balance_date,
        rates.reporting_rate
    from {{ ref('fct_gl_balance') }} as balances
    left join {{ ref('int_finance__daily_rate') }} as rates
        on
            balances.currency_code = rates.currency_code
            and balances.balance_date = rates.rate_date
    where balances.account_code = 'gift_card_liability'
),

entities as (
    select
        legal_entity_id,
        first_balance_date,
        closing_amount_local as opening_amount_local,
        currency_code
    from ledger
    where balance_date = first_balance_date
),

moved as (
    select
        movements.legal_entity_id,
        movements.event_date as date_day,
        case
            when movements.currency_code = entities.currency_code then movements.liability_amount_local
            else {{ money('cast(movements.liability_amount as double) / nullif(rates.reporting_rate, 0)') }}
        end as amount_local
    from {{ ref('fct_gift_card_transaction') }} as movements
    inner join entities
        on
            movements.legal_entity_id = entities.legal_entity_id
            and movements.event_date > entities.first_balance_date
    left join {{ ref('int_finance__daily_rate') }} as rates
        on
            entities.currency_code = rates.currency_code
            and movements.event_date = rates.rate_date

    union all

    select
        legal_entity_id,
        balance_date as date_day,
        0 as amount_local
    from ledger
),

daily as (
    select
        legal_entity_id,
        date_day,
        sum(amount_local) as amount_local,
        count(amount_local) = count(*) as has_rate
    from moved
    group by legal_entity_id, date_day
),

rolled as (
    select
        legal_entity_id,
        date_day,
        sum(amount_local) over upto_day as moved_amount_local,
        bool_and(has_rate) over upto_day as has_rate
    from daily
    window upto_day as (partition by legal_entity_id order by date_day rows unbounded preceding)
)

select
    ledger.legal_entity_id || '|' || cast(ledger.balance_date as string) as balance_key,
    ledger.balance_date,
    case
        when ledger.balance_date = ledger.first_balance_date then 'no_data:no_opening'
        when not rolled.has_rate or ledger.closing_amount is null then 'no_data:no_rate'
    end as exclusion_reason,
    ledger.closing_amount,
    {{ money(
        '(entities.opening_amount_local + rolled.moved_amount_local - ledger.closing_amount_local)'
        ~ ' * ledger.reporting_rate'
    ) }} as break_amount,
    ledger.region,
    ledger.source_entity,
    ledger._file_digest,
    ledger._line
from ledger
inner join entities
    on ledger.legal_entity_id = entities.legal_entity_id
inner join rolled
    on
        ledger.legal_entity_id = rolled.legal_entity_id
        and ledger.balance_date = rolled.date_day
