-- One row an item and interval of validity [valid_from_date, valid_to_date): the cost of a unit, landed where
-- known, else standard. The first interval also covers the time before it. Unit costs must not be summed.
with

costs as (
    select
        costs.sku,
        costs.valid_from,
        costs.received_ts,
        costs.landed_cost_amount is null as is_standard_cost,
        coalesce(costs.landed_cost_amount, costs.standard_cost_amount) as unit_cost_amount_local,
        coalesce(rates.reporting_rate, first_rates.reporting_rate) as reporting_rate
    from {{ ref('stg_erp__item_cost') }} as costs
    left join {{ ref('int_finance__daily_rate') }} as rates
        on
            costs.currency_code = rates.currency_code
            and costs.valid_from = rates.rate_date
    left join (
        select
            currency_code,
            {{ min_by_keys('reporting_rate', ['rate_date']) }} as reporting_rate
        from {{ ref('int_finance__daily_rate') }}
        group by currency_code
    ) as first_rates
        on costs.currency_code = first_rates.currency_code
)

select
    sku,
    case
        when row_number() over (partition by sku order by valid_from) = 1 then cast('1900-01-01' as date)
        else valid_from
    end as valid_from_date,
    coalesce(
        lead(valid_from) over (partition by sku order by valid_from), cast('9999-12-31' as date)
    ) as valid_to_date,
    cast(round(unit_cost_amount_local * reporting_rate, 4) as decimal(18, 4)) as unit_cost_amount,
    is_standard_cost,
    received_ts
from costs
