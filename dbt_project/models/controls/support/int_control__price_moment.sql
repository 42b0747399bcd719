-- Grain: one moment from which on the approved prices of an item in a channel (or one location of it) are others, or
-- another lowest price is in force: how many prices of one priority are active, which one holds and what the policy's
-- lowest price is. A price of the whole channel holds at its locations too. Only items of which two prices of one
-- priority overlap, or one is below a lowest price, have rows.
{{ config(contract={"enforced": false}) }}

with versions as (

    select
        price_id,
        sku,
        channel_id,
        coalesce(location_id, '*') as location_id,
        price_amount,
        currency_code,
        priority_no,
        approved_ts,
        valid_from_ts,
        valid_to_ts,
        updated_ts,
        min(received_ts) as known_ts,
        min(_file_digest) as _file_digest,
        {{ min_by_keys("_line", ["_file_digest", "_line"]) }} as _line
    from {{ source("raw", "price_list") }}
    group by
        price_id, sku, channel_id, coalesce(location_id, '*'), price_amount, currency_code, priority_no, approved_ts,
        valid_from_ts, valid_to_ts, updated_ts

),

{# A version holds until the next one of its price is written; the first one as if it had always been so. #}
numbered as (

    select
        *,
        row_number() over by_version as version_no,
        lead(updated_ts) over by_version as next_updated_ts,
        lead(known_ts) over by_version as next_known_ts
    from versions
    window by_version as (partition by price_id order by updated_ts, known_ts, valid_from_ts, price_amount)

),

prices as (

    select
        *,
        case
            when version_no = 1 then greatest(valid_from_ts, approved_ts)
            else greatest(valid_from_ts, approved_ts, updated_ts)
        end as begin_ts,
        {{ least_ts("valid_to_ts", "next_updated_ts") }} as end_ts,
        case when next_updated_ts < valid_to_ts or valid_to_ts is null then next_known_ts else known_ts end
            as end_known_ts
    from numbered

),

active as (

    select *
    from prices
    where begin_ts <= {{ as_of() }} and coalesce(end_ts > begin_ts, true)

),

floors as (

    select
        sku,
        channel_id,
        floor_amount,
        currency_code,
        first_received_ts as known_ts,
        valid_from,
        coalesce(
            lead(valid_from) over (partition by sku, channel_id order by valid_from), cast('9999-12-31' as date)
        ) as valid_to
    from {{ ref("stg_erp__price_policy") }}

),

{# Only items that could fail are looked at in full: two prices of one priority overlap, or one is below a floor. #}
overlapping as (

    select
        sku,
        channel_id,
        coalesce(begin_ts < max(coalesce(end_ts, cast('9999-12-31' as timestamp))) over (
            partition by sku, channel_id, priority_no
            order by begin_ts, price_id, version_no
            rows between unbounded preceding and 1 preceding
        ), false) as is_suspect
    from active
    union all
    select
        active.sku,
        active.channel_id,
        active.price_amount < floors.floor_amount as is_suspect
    from active
    inner join floors
        on
            active.sku = floors.sku
            and active.channel_id = floors.channel_id
            and active.currency_code = floors.currency_code

),

suspects as (

    select distinct
        sku,
        channel_id
    from overlapping
    where is_suspect

),

units as (

    select distinct
        active.sku,
        active.channel_id,
        active.location_id
    from active
    inner join suspects on active.sku = suspects.sku and active.channel_id = suspects.channel_id

),

unit_prices as (

    select
        units.sku || '|' || units.channel_id || '|' || units.location_id as unit_key,
        units.location_id as unit_location_id,
        active.*
    from units
    inner join active on units.sku = active.sku and units.channel_id = active.channel_id
    where active.location_id in ('*', units.location_id)

),

{# From a moment at which a price begins or ends, or another floor comes into force, to the next. #}
changes as (

    select
        unit_key,
        begin_ts as moment_ts,
        known_ts
    from unit_prices
    union all
    select
        unit_key,
        end_ts as moment_ts,
        end_known_ts as known_ts
    from unit_prices
    where end_ts <= {{ as_of() }}
    union all
    select
        unit_prices.unit_key,
        greatest({{ local_instant("floors.valid_from", "'00:00'", reporting_zone()) }}, unit_prices.begin_ts)
            as moment_ts,
        floors.known_ts
    from unit_prices
    inner join floors on unit_prices.sku = floors.sku and unit_prices.channel_id = floors.channel_id
    where {{ local_instant("floors.valid_from", "'00:00'", reporting_zone()) }} <= {{ as_of() }}

),

moments as (

    select
        unit_key,
        moment_ts,
        max(known_ts) as known_ts
    from changes
    group by unit_key, moment_ts

),

{%- set carried = [
    "price_id", "price_amount", "currency_code", "sku", "channel_id", "unit_location_id", "_file_digest", "_line",
] %}

holding as (

    select
        moments.unit_key,
        moments.moment_ts,
        prices.priority_no,
        count(*) as equal_count,
        max(prices.price_amount) - min(prices.price_amount) as spread_amount_local,
        max(prices.known_ts) as known_ts,
        {%- for name in carried %}
        {{ max_by_keys("prices." ~ name, ["prices.valid_from_ts", "prices.price_id"]) }} as {{ name }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from moments
    inner join unit_prices as prices on moments.unit_key = prices.unit_key
    where prices.begin_ts <= moments.moment_ts and coalesce(prices.end_ts > moments.moment_ts, true)
    group by moments.unit_key, moments.moment_ts, prices.priority_no

),

winning as (

    select
        unit_key,
        moment_ts,
        max(equal_count) as equal_count,
        max(spread_amount_local) as spread_amount_local,
        max(known_ts) as known_ts,
        {%- for name in carried %}
        {{ max_by_keys(name, ["priority_no"]) }} as {{ name }}{{ "," if not loop.last }}
        {%- endfor %}
    from holding
    group by unit_key, moment_ts

)

select
    moments.unit_key,
    moments.moment_ts,
    lead(moments.moment_ts) over (partition by moments.unit_key order by moments.moment_ts) as next_moment_ts,
    lead(moments.known_ts) over (partition by moments.unit_key order by moments.moment_ts) as next_known_ts,
    coalesce(winning.equal_count, 0) as equal_count,
    winning.spread_amount_local,
    winning.price_id,
    winning.price_amount as price_amount_local,
    winning.currency_code,
    floors.floor_amount as floor_amount_local,
    greatest(winning.known_ts, moments.known_ts) as known_ts,
    winning.sku,
    winning.channel_id,
    winning.unit_location_id as location_id,
    winning._file_digest,
    winning._line
from moments
left join winning on moments.unit_key = winning.unit_key and moments.moment_ts = winning.moment_ts
left join floors
    on
        winning.sku = floors.sku
        and winning.channel_id = floors.channel_id
        and winning.currency_code = floors.currency_code
        and {{ reporting_date("moments.moment_ts") }} >= floors.valid_from
        and {{ reporting_date("moments.moment_ts") }} < floors.valid_to
