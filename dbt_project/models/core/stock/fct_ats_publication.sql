-- Grain: one quantity available to sell published to a channel for an item. It is a state, valid from the moment
-- the channel showed it until it showed the next: never summed over time or over channels, which share units.
with

intervals as (
    select
        *,
        case
            when live_ts is not null
                then lead(live_ts) over (partition by sku, channel_id, live_ts is null order by live_ts, published_ts)
        end as valid_to_ts
    from {{ ref('stg_ecommerce__ats_publication') }}
)

select
    intervals.sku,
    intervals.channel_id,
    intervals.published_ts,
    intervals.ats_qty,
    intervals.live_ts,
    intervals.live_ts as valid_from_ts,
    intervals.valid_to_ts,
    {{ mapped_dim('intervals.channel_id', 'channels.channel_id') }} as channel,
    coalesce(products.category, 'UNKNOWN') as category,
    {{ evidence('ats_publication', 'intervals') }}
from intervals
left join {{ ref('dim_channel') }} as channels
    on intervals.channel_id = channels.channel_id
left join {{ ref('dim_product') }} as products
    on intervals.sku = products.sku
