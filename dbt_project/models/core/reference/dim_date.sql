-- One row a day, from before the first data that anybody lands to a year and a bit after the build's instant.
select
    date_day,
    {{ iso_year('date_day') }} as iso_year,
    cast(extract(week from date_day) as bigint) as iso_week,
    cast(date_trunc('week', date_day) as date) as week_start_date,
    cast(date_trunc('month', date_day) as date) as month_start_date,
    cast(date_trunc('quarter', date_day) as date) as quarter_start_date,
    cast(date_trunc('year', date_day) as date) as year_start_date,
    {{ iso_weekday('date_day') }} as iso_weekday
from {{ date_spine("'2010-01-01'", add_days(as_of(), 400)) }}
