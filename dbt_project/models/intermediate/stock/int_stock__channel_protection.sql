-- One row a channel and item: units protected for other channels that may be served from a location from which this
-- one is served, whether or not the location holds the item now.
with

sharing as (
    select distinct
        eligible.channel_id,
        others.channel_id as other_channel_id
    from {{ ref('int_stock__channel_location') }} as eligible
    inner join {{ ref('int_stock__channel_location') }} as others
        on
            eligible.location_id = others.location_id
            and eligible.channel_id <> others.channel_id
)

select
    sharing.channel_id,
    quotas.sku,
    {{ whole('sum(quotas.unconsumed_protection_qty)') }} as protected_for_others_qty
from sharing
inner join {{ ref('int_stock__channel_quota') }} as quotas
    on sharing.other_channel_id = quotas.channel_id
where quotas.unconsumed_protection_qty > 0
group by sharing.channel_id, quotas.sku
