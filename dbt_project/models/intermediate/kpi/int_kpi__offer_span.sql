-- One row a listed item of a channel and span of full hours of one day in which neither what the channel showed nor
-- what it could have sold (K27.channel at that hour) changes; published_qty is null until something was shown. The
-- first hour is the one in which any channel first showed stock.
{{ config(materialized='view') }}

with

bounds as (
    select
        {{ full_hour('min(valid_from_ts)') }} as first_hour,
        {{ reporting_date('min(valid_from_ts)') }} as first_date,
        {{ hour_after_as_of() }} as end_hour
    from {{ ref('fct_ats_publication') }}
    where valid_from_ts <= {{ as_of() }}
),

days as (
    select
        {{ first_hour_of_day('dates.date_day') }} as hour_no
    from {{ ref('dim_date') }} as dates
    inner join bounds
        on
            dates.date_day >= bounds.first_date
            and bounds.end_hour > {{ first_hour_of_day('dates.date_day') }}
),

-- what a span adds from its first hour on is taken away from its end on
sides as (
    select 1 as side
    union all
    select -1 as side
),

changes as (
    select
        parts.item_no,
        case when sides.side = 1 then greatest(parts.from_hour, bounds.first_hour) else parts.to_hour end as hour_no,
        sides.side * parts.listing_count as listing_count,
        sides.side * parts.published_qty as published_qty,
        sides.side * parts.pool_qty as pool_qty,
        sides.side * parts.quota_qty as quota_qty,
        sides.side * parts.unknown_count as unknown_count
    from {{ ref('int_kpi__offer_part') }} as parts
    cross join bounds
    cross join sides
    where
        parts.from_hour < parts.to_hour
        and parts.to_hour > bounds.first_hour
        and case when sides.side = 1 then parts.from_hour else parts.to_hour end < bounds.end_hour

    union all

    select
        items.item_no,
        greatest(days.hour_no, bounds.first_hour) as hour_no,
        0 as listing_count,
        cast(null as bigint) as published_qty,
        0 as pool_qty,
        0 as quota_qty,
        0 as unknown_count
    from {{ ref('int_kpi__listed_item') }} as items
    cross join bounds
    cross join days
),

hours as (
    select
        item_no,
        hour_no,
        {{ whole('sum(listing_count)') }} as listing_count,
        {{ whole('sum(published_qty)') }} as published_qty,
        {{ whole('sum(pool_qty)') }} as pool_qty,
        {{ whole('sum(quota_qty)') }} as quota_qty,
        {{ whole('sum(unknown_count)') }} as unknown_count
    from changes
    group by item_no, hour_no
),

hour_days as (
    select
        hour_no,
        {{ reporting_date(add_seconds("cast('1970-01-01 00:00:00' as timestamp)", 'hour_no * 3600')) }} as date_day
    from (select distinct hour_no from hours) as distinct_hours
),

running as (
    select
        item_no,
        hour_no,
        sum(listing_count) over in_order as listing_count,
        {{ whole('sum(published_qty) over in_order') }} as published_qty,
        {{ whole('sum(pool_qty) over in_order') }} as pool_qty,
        {{ whole('sum(quota_qty) over in_order') }} as quota_qty,
        sum(unknown_count) over in_order as unknown_count,
        lead(hour_no) over (partition by item_no order by hour_no) as next_hour
    from hours
    window in_order as (partition by item_no order by hour_no rows unbounded preceding)
)

select
    running.item_no,
    hour_days.date_day,
    coalesce(running.next_hour, bounds.end_hour) - running.hour_no as hour_count,
    running.published_qty,
    least(greatest(running.pool_qty, 0), {{ no_quota() }} + running.quota_qty) as recomputed_qty,
    running.unknown_count = 0 as is_known
from running
inner join hour_days
    on running.hour_no = hour_days.hour_no
cross join bounds
where running.listing_count > 0
