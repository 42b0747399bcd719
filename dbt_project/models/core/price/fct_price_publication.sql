-- Grain: one version of a price of an item as published to a channel (or one location of it). Prices of a unit must
-- not be summed.
with publications as (
    select
        *,
        {{ reporting_date('effective_ts') }} as effective_date,
        case when location_id <> '*' then location_id end as own_location_id
    from {{ ref('stg_pos__price_publication') }}
)

select
    concat_ws(
        '|', publications.sku, publications.channel_id, publications.location_id,
        cast(publications.price_version as string)
    ) as publication_key,
    publications.sku,
    publications.channel_id,
    publications.location_id,
    publications.price_version,
    publications.price_amount as price_amount_local,
    publications.currency_code,
    publications.price_type,
    publications.promotion_id,
    publications.approved_ts,
    publications.effective_ts,
    publications.effective_date,
    {{ greatest_ts('publications.effective_ts', 'publications.approved_ts') }} as wanted_ts,
    {{ add_seconds('publications.effective_ts', 'levels.live_minutes * 60') }} as live_due_ts,
    case when publications.live_ts <= {{ as_of() }} then publications.live_ts end as live_ts,
    publications.ended_ts,
    {{ mapped_dim('publications.channel_id', 'channels.channel_id') }} as channel,
    {{ mapped_dim('publications.own_location_id', 'locations.location_id') }} as location,
    case when publications.own_location_id is null then 'NONE' else coalesce(locations.region, 'UNKNOWN') end as region,
    coalesce(products.category, 'UNKNOWN') as category,
    {{ mapped_dim('publications.promotion_id', 'promotions.promotion_id') }} as promotion,
    {{ evidence('price_publication', 'publications') }}
from publications
left join {{ ref('dim_channel') }} as channels
    on publications.channel_id = channels.channel_id
left join {{ ref('dim_price_service_level') }} as levels
    on
        publications.channel_id = levels.channel_id
        and publications.effective_date between levels.valid_from_date and levels.valid_to_date
left join {{ ref('dim_location') }} as locations
    on publications.own_location_id = locations.location_id
left join {{ ref('dim_product') }} as products
    on publications.sku = products.sku
left join {{ ref('dim_promotion') }} as promotions
    on publications.promotion_id = promotions.promotion_id
