-- One row: which feeds have ever told this home how goods leave and reach the customer.
with

parcels as (
    select count(*) > 0 as has_parcels
    from {{ source('raw', 'shipment_line') }}
),

pickups as (
    select
        count(*) > 0 as has_pickups,
        count(*) filter (where ready_ts is not null and notified_ts is not null) > 0 as has_told_pickup
    from {{ source('raw', 'pickup_task') }}
),

scans as (
    select count(*) filter (where event_type = 'delivered') > 0 as has_delivery_scan
    from {{ source('raw', 'shipment_event') }}
),

events as (
    select count(*) filter (where event_type in ('delivered', 'collected', 'ready')) > 0 as has_delivery_event
    from {{ source('raw', 'order_event') }}
)

select
    parcels.has_parcels,
    pickups.has_pickups,
    pickups.has_told_pickup,
    scans.has_delivery_scan,
    events.has_delivery_event
from parcels
cross join pickups
cross join scans
cross join events
