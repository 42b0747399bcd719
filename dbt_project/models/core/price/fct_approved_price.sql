-- Grain: one price that should be live: an item in a channel (or one location of it) from valid_from_ts until before
-- valid_to_ts. At an instant the highest priority holds; of equal ones the latest. Prices of a unit must not be summed.
select
    prices.price_id,
    prices.sku,
    prices.channel_id,
    prices.location_id,
    prices.price_type,
    prices.promotion_id,
    prices.price_amount as price_amount_local,
    prices.currency_code,
    prices.priority_no,
    prices.approved_ts,
    prices.valid_from_ts,
    coalesce(prices.valid_to_ts, cast('9999-12-31' as timestamp)) as valid_to_ts,
    {{ mapped_dim('prices.channel_id', 'channels.channel_id') }} as channel,
    {{ mapped_dim('prices.location_id', 'locations.location_id') }} as location,
    case when prices.location_id is null then 'NONE' else coalesce(locations.region, 'UNKNOWN') end as region,
    coalesce(products.category, 'UNKNOWN') as category,
    {{ evidence('price_list', 'prices') }}
from {{ ref('stg_erp__price_list') }} as prices
left join {{ ref('dim_channel') }} as channels
    on prices.channel_id = channels.channel_id
left join {{ ref('dim_location') }} as locations
    on prices.location_id = locations.location_id
left join {{ ref('dim_product') }} as products
    on prices.sku = products.sku
