-- Grain: one stretch of event time of one entity and a month (UTC) that it touches, with the moment at
-- which its events were known. The stretches of an entity follow each other without gap, so that an instant
-- falls into one of them. A business day is known when its own delivery landed after its end; seven days
-- after its end, another delivery of the entity will do. Deliveries without schedule cover everything up to
-- their receipt.
{{ config(contract={"enforced": false}) }}

with deliveries as (

    select * from {{ ref("fct_delivery") }}

),

landed as (

    select
        entity,
        business_date,
        file_received_ts,
        is_scheduled
    from {{ ref("fct_landing_file") }}
    where status_code = 'landed'

),

business_days as (

    select
        entity,
        business_date,
        deadline_ts,
        {{ end_of_local_day("business_date", reporting_zone()) }} as day_end_ts
    from deliveries

),

known_days as (

    select
        days.entity,
        days.day_end_ts as covered_until_ts,
        days.deadline_ts < {{ as_of() }} as is_overdue,
        min(landed.file_received_ts) as known_ts
    from business_days as days
    left join landed
        on
            days.entity = landed.entity
            and (
                (days.business_date = landed.business_date and days.day_end_ts <= landed.file_received_ts)
                or {{ add_seconds("days.day_end_ts", 7 * 86400) }} <= landed.file_received_ts
            )
    group by days.entity, days.day_end_ts, days.deadline_ts

),

known_files as (

    select
        landed.entity,
        landed.file_received_ts as covered_until_ts,
        false as is_overdue,
        landed.file_received_ts as known_ts
    from landed
    left join (select distinct entity from deliveries) as scheduled on landed.entity = scheduled.entity
    where scheduled.entity is null
    group by landed.entity, landed.file_received_ts

),

known as (

    select * from known_days
    union all
    select * from known_files

),

stretches as (

    select
        entity,
        covered_until_ts,
        is_overdue,
        known_ts
    from known
    union all
    select
        entity,
        cast('9999-12-31' as timestamp) as covered_until_ts,
        false as is_overdue,
        cast(null as timestamp) as known_ts
    from known
    group by entity

),

bounded as (

    select
        entity,
        covered_until_ts,
        known_ts,
        known_ts is null and is_overdue as is_overdue,
        coalesce(
            lag(covered_until_ts) over (partition by entity order by covered_until_ts),
            cast('1900-01-01' as timestamp)
        ) as covered_from_ts
    from stretches

),

months as (

    select
        month_start_date,
        {{ add_days("max(date_day)", 1) }} as month_end_date
    from {{ ref("dim_date") }}
    group by month_start_date

)

select
    bounded.entity,
    months.month_start_date,
    bounded.covered_from_ts,
    bounded.covered_until_ts,
    bounded.known_ts,
    bounded.is_overdue
from bounded
inner join months
    on
        bounded.covered_from_ts < cast(months.month_end_date as timestamp)
        and bounded.covered_until_ts >= cast(months.month_start_date as timestamp)
