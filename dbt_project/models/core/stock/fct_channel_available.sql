-- Grain: one item in a channel at the build's instant. Channels share units: ats_qty is read for one channel at a
-- time and never summed over channels or time.
with

last_movements as (
    select
        sku,
        {{ max_by_keys('_file_digest', ['received_ts', 'location_id']) }} as _file_digest,
        {{ max_by_keys('_line', ['received_ts', 'location_id']) }} as _line,
        max(received_ts) as received_ts,
        max(first_received_ts) as first_received_ts
    from {{ ref('fct_available_to_sell') }}
    group by sku
),

joined as (
    select
        pairs.sku,
        pairs.channel_id,
        pairs.published_ats_qty,
        quotas.quota_remaining_qty,
        quotas._file_digest,
        quotas._line,
        quotas.received_ts,
        quotas.first_received_ts,
        coalesce(pools.free_qty, 0) as free_qty,
        coalesce(pools.firm_inbound_qty, 0) as firm_inbound_qty,
        coalesce(protected.protected_for_others_qty, 0) as protected_for_others_qty,
        coalesce(channels.allows_backorder, false) as allows_backorder,
        {{ mapped_dim('pairs.channel_id', 'channels.channel_id') }} as channel
    from {{ ref('int_stock__channel_pair') }} as pairs
    left join {{ ref('int_stock__channel_quota') }} as quotas
        on
            pairs.sku = quotas.sku
            and pairs.channel_id = quotas.channel_id
    left join {{ ref('int_stock__channel_pool') }} as pools
        on
            pairs.sku = pools.sku
            and pairs.channel_id = pools.channel_id
    left join {{ ref('int_stock__channel_protection') }} as protected
        on
            pairs.sku = protected.sku
            and pairs.channel_id = protected.channel_id
    left join {{ ref('dim_channel') }} as channels
        on pairs.channel_id = channels.channel_id
)

select
    joined.sku,
    joined.channel_id,
    joined.free_qty,
    joined.protected_for_others_qty,
    joined.quota_remaining_qty,
    joined.firm_inbound_qty,
    joined.allows_backorder,
    {{ whole("greatest(
        least(
            coalesce(joined.quota_remaining_qty, 1000000000000),
            joined.free_qty - joined.protected_for_others_qty
            + case when joined.allows_backorder then joined.firm_inbound_qty else 0 end
        ),
        0
    )") }} as ats_qty,
    joined.published_ats_qty,
    last_movements.sku is not null as is_stock_known,
    joined.channel,
    coalesce(products.category, 'UNKNOWN') as category,
    case when joined._file_digest is null then 'inventory_movement' else 'channel_allocation' end as source_entity,
    coalesce(joined._file_digest, last_movements._file_digest) as _file_digest,
    coalesce(joined._line, last_movements._line) as _line,
    coalesce(joined.received_ts, last_movements.received_ts) as received_ts,
    coalesce(joined.first_received_ts, last_movements.first_received_ts) as first_received_ts
from joined
left join last_movements
    on joined.sku = last_movements.sku
left join {{ ref('dim_product') }} as products
    on joined.sku = products.sku
