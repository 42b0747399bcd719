-- One row a currency and day: units of the reporting currency for one unit, the last rate published on or before
-- the day. Where only the opposite direction is published, its inverse stands in. A day before the first rate has
-- no row.
with

published as (
    select
        from_currency_code as currency_code,
        rate_date,
        rate as reporting_rate,
        1 as preference
    from {{ ref('stg_erp__exchange_rate') }}
    where to_currency_code = {{ reporting_currency() }}

    union all

    select
        to_currency_code as currency_code,
        rate_date,
        {{ decimal_of('1 / nullif(cast(rate as double), 0)', 18, 8) }} as reporting_rate,
        2 as preference
    from {{ ref('stg_erp__exchange_rate') }}
    where from_currency_code = {{ reporting_currency() }}
),

preferred as (
    select
        currency_code,
        rate_date,
        reporting_rate,
        row_number() over (partition by currency_code, rate_date order by preference) as choice
    from published
    where currency_code <> {{ reporting_currency() }}
),

intervals as (
    select
        currency_code,
        rate_date as valid_from_date,
        reporting_rate,
        lead(rate_date) over (partition by currency_code order by rate_date) as valid_to_date
    from preferred
    where choice = 1
)

select
    intervals.currency_code,
    days.date_day as rate_date,
    intervals.reporting_rate
from intervals
inner join {{ ref('dim_date') }} as days
    on
        intervals.valid_from_date <= days.date_day
        and (intervals.valid_to_date is null or intervals.valid_to_date > days.date_day)

union all

select
    {{ reporting_currency() }} as currency_code,
    date_day as rate_date,
    cast(1 as decimal(18, 8)) as reporting_rate
from {{ ref('dim_date') }}
