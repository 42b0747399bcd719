-- Grain: one stretch in which a version of a published price was live at one amount in its channel or location, with
-- when its beginning and its end were known. A version that was given another amount while it was live has a stretch
-- for each.
{{ config(contract={"enforced": false}) }}

with published as (

    select * from {{ ref("fct_price_publication") }}
    where live_ts is not null

),

states as (

    select
        sku,
        channel_id,
        location_id,
        price_version,
        price_amount,
        {{ max_by_keys("live_ts", ["updated_ts", "live_ts"]) }} as live_ts,
        min(updated_ts) as stated_ts,
        min(received_ts) as known_ts
    from {{ source("raw", "price_publication") }}
    where live_ts <= {{ as_of() }}
    group by sku, channel_id, location_id, price_version, price_amount

),

endings as (

    select
        sku,
        channel_id,
        location_id,
        price_version,
        ended_ts,
        min(received_ts) as ended_known_ts
    from {{ source("raw", "price_publication") }}
    where ended_ts is not null
    group by sku, channel_id, location_id, price_version, ended_ts

),

ordered as (

    select
        *,
        row_number() over by_statement as state_no,
        lead(stated_ts) over by_statement as next_stated_ts,
        lead(known_ts) over by_statement as next_known_ts
    from states
    window by_statement as (
        partition by sku, channel_id, location_id, price_version order by stated_ts, price_amount
    )

),

stretches as (

    select
        published.*,
        ordered.price_amount as shown_amount_local,
        case when ordered.state_no = 1 then ordered.live_ts else greatest(ordered.live_ts, ordered.stated_ts) end
            as from_ts,
        ordered.known_ts as from_known_ts,
        {{ least_ts("published.ended_ts", "ordered.next_stated_ts") }} as until_ts,
        case
            when ordered.next_stated_ts <= published.ended_ts or published.ended_ts is null then ordered.next_known_ts
            else endings.ended_known_ts
        end as until_known_ts
    from published
    inner join ordered
        on
            published.sku = ordered.sku
            and published.channel_id = ordered.channel_id
            and published.location_id = ordered.location_id
            and published.price_version = ordered.price_version
    left join endings
        on
            published.sku = endings.sku
            and published.channel_id = endings.channel_id
            and published.location_id = endings.location_id
            and published.price_version = endings.price_version
            and published.ended_ts = endings.ended_ts

)

select
    publication_key,
    sku,
    channel_id,
    location_id,
    price_version,
    price_type,
    promotion_id,
    approved_ts,
    effective_ts,
    shown_amount_local,
    currency_code,
    from_ts,
    from_known_ts,
    case when until_ts <= {{ as_of() }} then until_ts end as until_ts,
    case when until_ts <= {{ as_of() }} then until_known_ts end as until_known_ts,
    channel,
    location,
    region,
    category,
    promotion,
    _file_digest,
    _line
from stretches
where until_ts > from_ts or until_ts is null
