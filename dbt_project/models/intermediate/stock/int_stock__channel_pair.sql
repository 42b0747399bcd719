-- One row a channel and item that the channel may sell: it lists the item, shows stock of it, or has a quota or
-- protection. A channel that lists nothing, such as stores, sells what the locations hold from which it is served.
with

published as (
    select
        sku,
        channel_id,
        {{ max_by_keys('ats_qty', ['valid_from_ts', 'published_ts']) }} as published_ats_qty
    from {{ ref('fct_ats_publication') }}
    where valid_from_ts <= {{ as_of() }}
    group by sku, channel_id
),

pairs as (
    select
        sku,
        channel_id
    from {{ ref('stg_marketplace__channel_listing') }}
    where status_code = 'active' and sku is not null

    union

    select
        sku,
        channel_id
    from published

    union

    select
        sku,
        channel_id
    from {{ ref('int_stock__channel_quota') }}

    union

    select
        sku,
        channel_id
    from {{ ref('int_stock__channel_pool') }}
    where channel_id not in (select channel_id from {{ ref('stg_marketplace__channel_listing') }})
)

select
    pairs.sku,
    pairs.channel_id,
    published.published_ats_qty
from pairs
left join published
    on
        pairs.sku = published.sku
        and pairs.channel_id = published.channel_id
