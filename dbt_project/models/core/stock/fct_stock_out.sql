-- Grain: one item at a location on an ended day on which nothing was available to fulfil (ATF of K27) for a part of its
-- open hours. Seconds add up; a day is a stock-out day when they are half of its open hours.
with

empty_spans as (
    select
        location_id,
        sku,
        from_ts,
        coalesce(to_ts, {{ as_of() }}) as to_ts
    from {{ ref('int_stock__available_step') }}
    where available_qty <= 0
),

shared as (
    select
        spans.location_id,
        spans.sku,
        days.date_day,
        days.open_seconds,
        sum({{ seconds_between(
            'greatest(spans.from_ts, days.opens_ts)', 'least(spans.to_ts, days.closes_ts)'
        ) }}) as out_seconds
    from empty_spans as spans
    inner join {{ ref('dim_location_day') }} as days
        on
            spans.location_id = days.location_id
            and spans.from_ts < days.closes_ts
            and spans.to_ts > days.opens_ts
    where days.is_open and days.closes_ts <= {{ as_of() }}
    group by spans.location_id, spans.sku, days.date_day, days.open_seconds
)

select
    shared.location_id,
    shared.sku,
    shared.date_day,
    cast(shared.open_seconds as decimal(18, 3)) as open_seconds,
    cast(shared.out_seconds as decimal(18, 3)) as out_seconds,
    2 * shared.out_seconds >= shared.open_seconds as is_stock_out
from shared
