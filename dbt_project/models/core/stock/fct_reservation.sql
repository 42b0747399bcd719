-- Grain: one reservation of stock. Units add up over active ones that have not expired.
select
    reservations.reservation_id,
    {{ line_key('reservations.order_id', 'reservations.line_no') }} as order_line_key,
    reservations.sku,
    reservations.location_id,
    reservations.quantity,
    reservations.reservation_type,
    reservations.status_code,
    reservations.created_ts,
    reservations.expires_ts,
    reservations.ended_ts,
    reservations.status_code = 'active' and reservations.created_ts <= {{ as_of() }} as is_active,
    reservations.status_code = 'active' and coalesce(reservations.expires_ts <= {{ as_of() }}, false) as is_expired,
    {{ mapped_dim('reservations.location_id', 'locations.location_id') }} as location,
    coalesce(locations.region, 'UNKNOWN') as region,
    coalesce(products.category, 'UNKNOWN') as category,
    {{ evidence('reservation', 'reservations') }}
from {{ ref('stg_oms__reservation') }} as reservations
left join {{ ref('dim_location') }} as locations
    on reservations.location_id = locations.location_id
left join {{ ref('dim_product') }} as products
    on reservations.sku = products.sku
