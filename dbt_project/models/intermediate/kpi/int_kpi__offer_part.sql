-- One row a listed item and span of full hours with what it adds to the channel's offer then: the listing, what
-- the channel showed, and the parts of K27.channel. An item that was never shown has its listing only. quota_qty is
-- what a quota takes from a quantity that stands for none.
{{ config(materialized='view') }}

with

offers as (
    select
        item_no,
        channel_id,
        sku
    from {{ ref('int_kpi__listed_item') }}
    where is_shown
),

protections as (
    select
        sharing.channel_id,
        limits.sku,
        greatest(limits.from_hour, sharing.from_hour) as from_hour,
        least(limits.to_hour, sharing.to_hour) as to_hour,
        limits.unconsumed_protection_qty,
        limits.is_known
    from {{ ref('int_kpi__limit_span') }} as limits
    inner join {{ ref('int_kpi__channel_sharing') }} as sharing
        on
            limits.channel_id = sharing.other_channel_id
            and limits.from_hour < sharing.to_hour
            and limits.to_hour > sharing.from_hour
),

pools as (
    select
        reach.channel_id,
        spans.sku,
        greatest(spans.from_hour, reach.from_hour) as from_hour,
        least(spans.to_hour, reach.to_hour) as to_hour,
        spans.free_qty as pool_qty,
        case when spans.is_known then 0 else 1 end as unknown_count
    from {{ ref('int_kpi__free_span') }} as spans
    inner join {{ ref('int_kpi__channel_reach') }} as reach
        on
            spans.location_id = reach.location_id
            and spans.from_hour < reach.to_hour
            and spans.to_hour > reach.from_hour

    union all

    select
        reach.channel_id,
        spans.sku,
        greatest(spans.from_hour, reach.from_hour) as from_hour,
        least(spans.to_hour, reach.to_hour) as to_hour,
        spans.inbound_qty as pool_qty,
        0 as unknown_count
    from {{ ref('int_kpi__inbound_span') }} as spans
    inner join {{ ref('int_kpi__channel_reach') }} as reach
        on
            spans.location_id = reach.location_id
            and spans.from_hour < reach.to_hour
            and spans.to_hour > reach.from_hour
    where reach.allows_backorder

    union all

    select
        channel_id,
        sku,
        from_hour,
        to_hour,
        -unconsumed_protection_qty as pool_qty,
        case when is_known then 0 else 1 end as unknown_count
    from protections
    where unconsumed_protection_qty > 0 or not is_known
)

select
    items.item_no,
    listings.from_hour,
    listings.to_hour,
    1 as listing_count,
    cast(null as bigint) as published_qty,
    0 as pool_qty,
    0 as quota_qty,
    0 as unknown_count
from {{ ref('int_kpi__listing_span') }} as listings
inner join {{ ref('int_kpi__listed_item') }} as items
    on
        listings.channel_id = items.channel_id
        and listings.sku = items.sku

union all

select
    offers.item_no,
    {{ full_hour('shown.valid_from_ts') }} as from_hour,
    coalesce({{ full_hour('shown.valid_to_ts') }}, {{ no_last_hour() }}) as to_hour,
    0 as listing_count,
    shown.ats_qty as published_qty,
    0 as pool_qty,
    0 as quota_qty,
    0 as unknown_count
from {{ ref('fct_ats_publication') }} as shown
inner join offers
    on
        shown.channel_id = offers.channel_id
        and shown.sku = offers.sku
where shown.valid_from_ts is not null

union all

select
    offers.item_no,
    pools.from_hour,
    pools.to_hour,
    0 as listing_count,
    cast(null as bigint) as published_qty,
    pools.pool_qty,
    0 as quota_qty,
    pools.unknown_count
from pools
inner join offers
    on
        pools.channel_id = offers.channel_id
        and pools.sku = offers.sku

union all

select
    offers.item_no,
    limits.from_hour,
    limits.to_hour,
    0 as listing_count,
    cast(null as bigint) as published_qty,
    0 as pool_qty,
    coalesce(limits.quota_remaining_qty - {{ no_quota() }}, 0) as quota_qty,
    case when limits.is_known then 0 else 1 end as unknown_count
from {{ ref('int_kpi__limit_span') }} as limits
inner join offers
    on
        limits.channel_id = offers.channel_id
        and limits.sku = offers.sku
where limits.quota_remaining_qty is not null or not limits.is_known
