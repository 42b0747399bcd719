-- One row: which feeds have ever told this home how goods leave and reach the customer.
select
    (select count(*) from (select 1 as one from {{ source('raw', 'shipment_line') }} limit 1) as rows_seen) > 0
        as has_parcels,
    (select count(*) from (select 1 as one from {{ source('raw', 'pickup_task') }} limit 1) as rows_seen) > 0
        as has_pickups,
    (
        select count(*)
        from (
            select 1 as one
            from {{ source('raw', 'shipment_event') }}
            where event_type = 'delivered'
            limit 1
        ) as rows_seen
    ) > 0 as has_delivery_scan,
    (
        select count(*)
        from (
            select 1 as one
            from {{ source('raw', 'order_event') }}
            where event_type in ('delivered', 'collected', 'ready')
            limit 1
        ) as rows_seen
    ) > 0 as has_delivery_event,
    (
        select count(*)
        from (
            select 1 as one
            from {{ source('raw', 'pickup_task') }}
            where ready_ts is not null and notified_ts is not null
            limit 1
        ) as rows_seen
    ) > 0 as has_told_pickup
