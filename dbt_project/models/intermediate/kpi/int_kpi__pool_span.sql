-- One row a channel, item and span of full hours with what it adds to the units from which the channel sells then
-- (K27): free at a location that serves it, firm inbound there where it may sell ahead, less what is protected for
-- others.
{{ config(materialized='view') }}

with

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
)

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
