-- Grain: one event of an order or order line. Quantities of events of different types overlap and must not be
-- summed together.
select
    events.event_id,
    events.order_id,
    events.line_no,
    {{ line_key('events.order_id', 'events.line_no') }} as order_line_key,
    events.event_type,
    events.event_ts,
    events.quantity,
    events.location_id,
    events.actor_type,
    events.event_class,
    events.actor_type = 'human'
    and (
        events.event_class = 'intervention'
        or (events.event_type = 'cancelled' and coalesce(events.initiator_code, 'retailer') = 'retailer')
    ) as is_intervention,
    events.initiator_code,
    events.reason_code,
    events.planned_ts,
    orders.order_ts,
    orders.closed_ts as order_closed_ts,
    coalesce(orders.is_test, false) as is_test,
    coalesce(orders.channel, 'UNKNOWN') as channel,
    {{ mapped_dim('events.location_id', 'locations.location_id') }} as location,
    coalesce(orders.region, 'UNKNOWN') as region,
    coalesce(orders.order_type, 'UNKNOWN') as order_type,
    {{ evidence('order_event', 'events') }}
from {{ ref('stg_oms__order_event') }} as events
left join {{ ref('fct_order') }} as orders
    on events.order_id = orders.order_id
left join {{ ref('dim_location') }} as locations
    on events.location_id = locations.location_id
