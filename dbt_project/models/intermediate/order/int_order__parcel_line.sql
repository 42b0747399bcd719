-- One row a parcel and order line: units that left, when, from where and when they arrived.
select
    {{ line_key('shipped.order_id', 'shipped.line_no') }} as order_line_key,
    shipped.order_id,
    shipped.line_no,
    shipped.shipment_id,
    shipped.parcel_id,
    shipped.sku,
    shipped.quantity as shipped_qty,
    shipped.packed_ts,
    shipments.shipped_ts,
    shipments.ship_notice_ts,
    scans.delivered_ts,
    scans.delivered_received_ts,
    scans.first_attempt_ts,
    scans.first_attempt_code,
    scans.address_fault_ts,
    scans.last_event_type,
    scans.last_event_ts,
    coalesce(scans.is_returned_to_sender, false) as is_returned_to_sender,
    shipments.is_replacement,
    shipments.status_code = 'cancelled' as is_cancelled,
    shipments.location_id,
    shipments.carrier_id,
    shipped._file_digest,
    shipped._line,
    shipped.received_ts,
    shipped.first_received_ts
from {{ ref('stg_wms__shipment_line') }} as shipped
inner join {{ ref('stg_wms__shipment') }} as shipments
    on shipped.shipment_id = shipments.shipment_id
left join {{ ref('int_order__parcel_scan') }} as scans
    on
        shipped.shipment_id = scans.shipment_id
        and shipped.parcel_id = scans.parcel_id
