-- One row an entity and business day on which its contract expects a delivery, from its first scheduled delivery to
-- the build's instant: the first, then in steps of the contract's rhythm, counted from a Sunday. Entities that were
-- landed once, and never on a schedule, expect nothing.
with

first_deliveries as (
    select
        entity,
        min(business_date) as first_business_date
    from {{ source('raw', 'landing_file') }}
    where is_scheduled and business_date is not null
    group by entity
),

expected as (
    select
        contracts.*,
        days.date_day as business_date,
        {{ local_instant(add_days('days.date_day', 1), 'contracts.due_time', reporting_zone()) }} as due_ts
    from {{ source('raw', 'feed_contract') }} as contracts
    inner join first_deliveries
        on contracts.entity = first_deliveries.entity
    inner join {{ ref('dim_date') }} as days
        on
            first_deliveries.first_business_date <= days.date_day
            and (
                first_deliveries.first_business_date = days.date_day
                or mod({{ days_between("date '1970-01-04'", 'days.date_day') }}, contracts.frequency_days) = 0
            )
    where days.date_day <= {{ reporting_date(as_of()) }}
)

select
    *,
    {{ add_seconds('due_ts', 'grace_minutes * 60') }} as deadline_ts
from expected
where due_ts <= {{ as_of() }}
