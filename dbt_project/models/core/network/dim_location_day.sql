-- One row a location and day in the location's own zone: when it is open, and its open seconds before and until the end
-- of that opening, so that open time between two instants is a difference (macros/opening.sql). Without hours a
-- location is open all day; a closing time not after the opening time is one of the next day. A closed day opens and
-- closes at one instant.
with

places as (
    select
        location_id,
        time_zone,
        opened_date,
        closed_date,
        coalesce(open_weekdays, '1234567') as open_weekdays,
        case
            when opens_local is null or closes_local is null then '00:00'
            else replace(lpad(opens_local, 5, '0'), '24:00', '00:00')
        end as opens_local,
        case
            when opens_local is null or closes_local is null then '00:00'
            else replace(lpad(closes_local, 5, '0'), '24:00', '00:00')
        end as closes_local
    from {{ ref('dim_location') }}
),

days as (
    select
        places.*,
        dates.date_day,
        position(cast(dates.iso_weekday as string) in places.open_weekdays) > 0
        and dates.date_day >= coalesce(places.opened_date, dates.date_day)
        and dates.date_day <= coalesce(places.closed_date, dates.date_day) as is_open
    from places
    cross join {{ ref('dim_date') }} as dates
    where dates.date_day >= cast(date_trunc('year', {{ add_days(as_of(), -800) }}) as date)
),

bounds as (
    select
        location_id,
        date_day,
        is_open,
        {{ local_instant('date_day', 'opens_local', 'time_zone') }} as opens_ts,
        {{ local_instant(
            'case when closes_local <= opens_local then ' ~ add_days('date_day', 1) ~ ' else date_day end',
            'closes_local', 'time_zone'
        ) }} as closes_ts
    from days
),

openings as (
    select
        location_id,
        date_day,
        is_open,
        opens_ts,
        case when is_open then closes_ts else opens_ts end as closes_ts,
        cast(
            case when is_open then {{ seconds_between('opens_ts', 'closes_ts') }} else 0 end as bigint
        ) as open_seconds
    from bounds
),

counted as (
    select
        *,
        {{ whole('sum(open_seconds) over up_to_day') }} as open_seconds_until,
        {{ whole('sum(case when is_open then 1 else 0 end) over up_to_day') }} as open_day_no,
        lag(closes_ts) over (partition by location_id order by date_day) as before_closes_ts
    from openings
    window up_to_day as (
        partition by location_id order by date_day rows between unbounded preceding and current row
    )
)

select
    location_id,
    date_day,
    is_open,
    opens_ts,
    closes_ts,
    coalesce(before_closes_ts, opens_ts) as previous_closes_ts,
    open_seconds,
    open_seconds_until - open_seconds as open_seconds_before,
    open_seconds_until,
    open_day_no
from counted
