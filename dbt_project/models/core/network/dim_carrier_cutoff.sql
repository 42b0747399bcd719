-- One row a location, carrier and ISO weekday: the last handover of that day, if there is one, and of the next day with
-- one. The carrier * stands for whichever comes last on a day.
with

cutoffs as (
    select
        location_id,
        carrier_id,
        weekday_no,
        lpad(cutoff_local, 5, '0') as cutoff_local
    from {{ ref('stg_carrier__carrier_cutoff') }}
    union all
    select
        location_id,
        '*' as carrier_id,
        weekday_no,
        max(lpad(cutoff_local, 5, '0')) as cutoff_local
    from {{ ref('stg_carrier__carrier_cutoff') }}
    group by location_id, weekday_no
),

weekdays as (
    select distinct iso_weekday
    from {{ ref('dim_date') }}
),

ahead as (
    select
        cutoffs.location_id,
        cutoffs.carrier_id,
        weekdays.iso_weekday,
        cutoffs.weekday_no,
        cutoffs.cutoff_local,
        mod(cutoffs.weekday_no - weekdays.iso_weekday + 6, 7) + 1 as days_ahead
    from cutoffs
    cross join weekdays
)

select
    location_id,
    carrier_id,
    iso_weekday,
    max(cutoff_local) filter (where weekday_no = iso_weekday) as cutoff_local,
    {{ whole('min(days_ahead)') }} as next_days,
    {{ min_by_keys('cutoff_local', ['days_ahead']) }} as next_cutoff_local
from ahead
group by location_id, carrier_id, iso_weekday
