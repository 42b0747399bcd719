-- One row an item in a channel (or one location of it) with an approved price at the end of a day, for the days of
-- the last 100: whether two prices of equal priority hold, and whether the one that wins lies below the floor (K54).
-- A price of the whole channel holds at its locations too.
with units as (
    select
        sku,
        channel_id,
        coalesce(location_id, '*') as location_id,
        max(channel) as channel,
        max(location) as location,
        max(region) as region,
        max(category) as category
    from {{ ref('fct_approved_price') }}
    group by sku, channel_id, coalesce(location_id, '*')
),

days as (
    select
        date_day,
        {{ end_of_local_day('date_day', reporting_zone()) }} as cut_ts
    from {{ ref('dim_date') }}
    where
        date_day >= {{ add_days(reporting_date(as_of()), -100) }}
        and date_day < {{ reporting_date(as_of()) }}
),

holding as (
    select
        units.sku,
        units.channel_id,
        units.location_id,
        days.date_day,
        prices.priority_no,
        count(*) as equal_count,
        {%- for name in ['price_amount_local', 'currency_code', '_file_digest', '_line'] %}
        {{ max_by_keys('prices.' ~ name, ['prices.valid_from_ts', 'prices.price_id']) }} as {{ name }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from units
    inner join {{ ref('fct_approved_price') }} as prices
        on
            units.sku = prices.sku
            and units.channel_id = prices.channel_id
            and coalesce(prices.location_id, '*') in ('*', units.location_id)
    inner join days
        on
            prices.valid_from_ts < days.cut_ts
            and prices.valid_to_ts >= days.cut_ts
            and prices.approved_ts < days.cut_ts
    group by units.sku, units.channel_id, units.location_id, days.date_day, prices.priority_no
),

winning as (
    select
        sku,
        channel_id,
        location_id,
        date_day,
        max(equal_count) > 1 as has_conflict,
        {%- for name in ['price_amount_local', 'currency_code', '_file_digest', '_line'] %}
        {{ max_by_keys(name, ['priority_no']) }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from holding
    group by sku, channel_id, location_id, date_day
),

floors as (
    select
        sku,
        channel_id,
        floor_amount,
        currency_code,
        valid_from,
        coalesce(
            lead(valid_from) over (partition by sku, channel_id order by valid_from), cast('9999-12-31' as date)
        ) as valid_to
    from {{ ref('stg_erp__price_policy') }}
)

select
    concat_ws('|', winning.sku, winning.channel_id, winning.location_id, cast(winning.date_day as string)) as cut_key,
    winning.date_day as cut_date,
    winning.has_conflict,
    coalesce(winning.price_amount_local < floors.floor_amount, false) as is_below_floor,
    floors.floor_amount is not null as has_floor,
    units.channel,
    units.location,
    units.region,
    units.category,
    'price_list' as source_entity,
    winning._file_digest,
    winning._line
from winning
inner join units
    on
        winning.sku = units.sku
        and winning.channel_id = units.channel_id
        and winning.location_id = units.location_id
left join floors
    on
        winning.sku = floors.sku
        and winning.channel_id = floors.channel_id
        and winning.currency_code = floors.currency_code
        and winning.date_day >= floors.valid_from
        and winning.date_day < floors.valid_to
