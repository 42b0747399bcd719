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
from {{ ref('int_kpi__pool_span') }} as pools
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
