-- One row an item that a channel lists or listed, numbered; whether it was ever shown, and whether any location tells
-- its stock.
with

listings as (
    select
        channel_id,
        sku,
        {{ max_by_keys('source_entity', ['from_hour', '_file_digest', '_line']) }} as source_entity,
        {{ max_by_keys('_file_digest', ['from_hour', '_file_digest', '_line']) }} as _file_digest,
        {{ max_by_keys('_line', ['from_hour', '_file_digest', '_line']) }} as _line
    from {{ ref('int_kpi__listing_span') }}
    group by channel_id, sku
),

shown as (
    select distinct
        channel_id,
        sku
    from {{ ref('fct_ats_publication') }}
    where valid_from_ts is not null
),

known as (
    select distinct sku
    from {{ ref('fct_available_to_sell') }}
)

select
    row_number() over (order by listings.channel_id, listings.sku) as item_no,
    listings.channel_id,
    listings.sku,
    shown.sku is not null as is_shown,
    known.sku is not null as is_stock_known,
    {{ mapped_dim('listings.channel_id', 'channels.channel_id') }} as channel,
    coalesce(products.category, 'UNKNOWN') as category,
    listings.source_entity,
    listings._file_digest,
    listings._line
from listings
left join shown
    on
        listings.channel_id = shown.channel_id
        and listings.sku = shown.sku
left join known
    on listings.sku = known.sku
left join {{ ref('dim_channel') }} as channels
    on listings.channel_id = channels.channel_id
left join {{ ref('dim_product') }} as products
    on listings.sku = products.sku
