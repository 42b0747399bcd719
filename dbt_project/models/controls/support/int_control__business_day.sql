-- Grain: one calendar day of one owner role, with its working hours and the working seconds of the role
-- before and until its end. A day without hours is no business day.
{{ config(contract={"enforced": false}) }}

with calendar as (

    select * from {{ ref("business_calendar") }}

),

days as (

    select
        date_day,
        iso_weekday
    from {{ ref("dim_date") }}

),

roles as (

    select distinct owner_role
    from calendar
    where owner_role <> '*'

),

hours as (

    select
        roles.owner_role,
        days.date_day,
        case when special.calendar_date is null then regular.opens_local else special.opens_local end as opens_local,
        case when special.calendar_date is null then regular.closes_local else special.closes_local end as closes_local,
        row_number() over (
            partition by roles.owner_role, days.date_day
            order by special.owner_role desc, regular.valid_from desc
        ) as choice_rank
    from roles
    cross join days
    left join calendar as special
        on days.date_day = special.calendar_date and special.owner_role in (roles.owner_role, '*')
    left join calendar as regular
        on
            roles.owner_role = regular.owner_role
            and regular.calendar_date is null
            and position(cast(days.iso_weekday as string) in regular.weekdays) > 0
            and days.date_day >= regular.valid_from
            and days.date_day <= coalesce(regular.valid_to, cast('9999-12-31' as date))

),

opening as (

    select
        owner_role,
        date_day,
        opens_local is not null as is_business_day,
        {{ local_instant("date_day", "coalesce(opens_local, '00:00')", reporting_zone()) }} as opens_ts,
        {{ local_instant("date_day", "coalesce(closes_local, '00:00')", reporting_zone()) }} as closes_ts
    from hours
    where choice_rank = 1

),

measured as (

    select
        *,
        cast({{ seconds_between("opens_ts", "closes_ts") }} as bigint) as work_seconds,
        case when is_business_day then 1 else 0 end as business_days
    from opening

),

counted as (

    select
        *,
        cast(sum(work_seconds) over up_to_day as bigint) as work_seconds_until,
        cast(sum(business_days) over up_to_day as bigint) as business_day_no,
        lead(opens_ts) over (partition by owner_role order by date_day) as next_opens_ts
    from measured
    window up_to_day as (
        partition by owner_role order by date_day rows between unbounded preceding and current row
    )

)

select
    owner_role,
    date_day,
    is_business_day,
    opens_ts,
    closes_ts,
    coalesce(next_opens_ts, cast('9999-12-31' as timestamp)) as next_opens_ts,
    work_seconds_until - work_seconds as work_seconds_before,
    work_seconds_until,
    business_day_no,
    {{ end_of_local_day("date_day", reporting_zone()) }} as day_end_ts
from counted
