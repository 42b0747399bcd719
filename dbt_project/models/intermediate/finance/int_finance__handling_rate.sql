-- One row a kind of cost, type of node and interval of validity [valid_from_date, valid_to_date): the rate of a
-- unit in reporting currency. A rate for all types stands in where a type has none of its own.
with

agreed as (
    select
        costs.cost_type,
        costs.location_type,
        costs.valid_from,
        cast(costs.unit_amount * coalesce(rates.reporting_rate, first_rates.reporting_rate) as decimal(18, 4))
            as unit_amount,
        lead(costs.valid_from) over (partition by costs.cost_type, costs.location_type order by costs.valid_from)
            as valid_to
    from {{ ref('stg_erp__cost_rate') }} as costs
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
),

location_types as (
    select distinct location_type
    from {{ ref('dim_location') }}
),

own as (
    select distinct
        cost_type,
        location_type
    from agreed
)

select
    agreed.cost_type,
    location_types.location_type,
    agreed.valid_from as valid_from_date,
    coalesce(agreed.valid_to, cast('9999-12-31' as date)) as valid_to_date,
    agreed.unit_amount
from agreed
inner join location_types
    on agreed.location_type in ('*', location_types.location_type)
left join own
    on
        agreed.cost_type = own.cost_type
        and location_types.location_type = own.location_type
where agreed.location_type <> '*' or own.cost_type is null
