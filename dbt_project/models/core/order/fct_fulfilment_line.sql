-- Grain: one part of an order line assigned to a node. A re-assigned unit is asked of two nodes: requested_qty must
-- not be summed over rejected or cancelled parts.
select
    fulfilments.fulfilment_line_id,
    {{ line_key('fulfilments.order_id', 'fulfilments.line_no') }} as order_line_key,
    fulfilments.order_id,
    fulfilments.line_no,
    fulfilments.location_id,
    fulfilments.sku,
    fulfilments.assigned_ts,
    fulfilments.answered_ts,
    fulfilments.left_ts,
    fulfilments.ended_ts,
    fulfilments.planned_carrier_id,
    fulfilments.requested_qty,
    fulfilments.picked_qty,
    fulfilments.shipped_qty,
    fulfilments.status_code,
    coalesce(lines.channel, 'UNKNOWN') as channel,
    {{ mapped_dim('fulfilments.location_id', 'locations.location_id') }} as location,
    coalesce(lines.region, 'UNKNOWN') as region,
    coalesce(lines.category, 'UNKNOWN') as category,
    coalesce(lines.order_type, 'UNKNOWN') as order_type,
    {{ evidence('fulfilment_line', 'fulfilments') }}
from {{ ref('stg_oms__fulfilment_line') }} as fulfilments
left join {{ ref('int_order__line_scope') }} as lines
    on
        fulfilments.order_id = lines.order_id
        and fulfilments.line_no = lines.line_no
left join {{ ref('dim_location') }} as locations
    on fulfilments.location_id = locations.location_id
