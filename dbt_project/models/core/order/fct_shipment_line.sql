-- Grain: one order line in a parcel of a shipment. shipped_qty adds up over live shipments (not is_cancelled);
-- replacements are rows of their own.
select
    parcels.shipment_id,
    parcels.parcel_id,
    parcels.order_line_key,
    parcels.order_id,
    parcels.line_no,
    parcels.sku,
    parcels.shipped_qty,
    parcels.packed_ts,
    parcels.shipped_ts,
    parcels.ship_notice_ts,
    parcels.delivered_ts,
    parcels.delivered_received_ts,
    parcels.first_attempt_ts,
    parcels.first_attempt_code,
    parcels.address_fault_ts,
    parcels.last_event_type,
    parcels.last_event_ts,
    parcels.is_returned_to_sender,
    parcels.is_replacement,
    parcels.is_cancelled,
    parcels.location_id,
    parcels.carrier_id,
    coalesce(lines.channel, 'UNKNOWN') as channel,
    {{ mapped_dim('parcels.location_id', 'locations.location_id') }} as location,
    coalesce(lines.region, 'UNKNOWN') as region,
    coalesce(products.category, 'UNKNOWN') as category,
    parcels.carrier_id as carrier,
    coalesce(lines.order_type, 'UNKNOWN') as order_type,
    {{ evidence('shipment_line', 'parcels') }}
from {{ ref('int_order__parcel_line') }} as parcels
left join {{ ref('int_order__line_scope') }} as lines
    on parcels.order_line_key = lines.order_line_key
left join {{ ref('dim_location') }} as locations
    on parcels.location_id = locations.location_id
left join {{ ref('dim_product') }} as products
    on parcels.sku = products.sku
