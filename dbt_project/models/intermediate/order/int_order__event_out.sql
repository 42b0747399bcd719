-- One row an order line of a home that has no feed of parcels (or pickups) at all: what the order management
-- system's own events say was handed over. Empty as soon as the feed is connected, so that the two never mix.
with

connected as (
    select
        has_parcels,
        has_pickups
    from {{ ref('int_order__feed_evidence') }}
),

events as (
    select
        scope.order_line_key,
        scope.ordered_qty,
        scope.fulfilment_method_code,
        events.event_type,
        events.event_ts,
        events.first_received_ts,
        coalesce(events.quantity, scope.ordered_qty) as quantity,
        coalesce(events.location_id, scope.pickup_location_id) as location_id
    from {{ ref('stg_oms__order_event') }} as events
    inner join {{ ref('int_order__line_scope') }} as scope
        on
            events.order_id = scope.order_id
            and (events.line_no is null or events.line_no = scope.line_no)
    cross join connected
    where
        (
            events.event_type in ('shipped', 'delivered')
            and scope.fulfilment_method_code = 'delivery'
            and not connected.has_parcels
        )
        or (
            events.event_type in ('ready', 'collected')
            and scope.fulfilment_method_code = 'pickup'
            and not connected.has_pickups
        )
),

by_line as (
    select
        order_line_key,
        any_value(fulfilment_method_code) as fulfilment_method_code,
        any_value(ordered_qty) as ordered_qty,
        max(event_ts) filter (where event_type = 'shipped') as event_shipped_ts,
        max(event_ts) filter (where event_type = 'ready') as event_ready_ts,
        max(first_received_ts) filter (where event_type = 'ready') as event_ready_known_ts,
        max(event_ts) filter (where event_type in ('delivered', 'collected')) as event_final_ts,
        max(first_received_ts) filter (where event_type in ('delivered', 'collected')) as event_final_known_ts,
        sum(quantity) filter (where event_type in ('delivered', 'collected')) as event_final_qty,
        sum(quantity) filter (where event_type = 'ready') as event_ready_qty,
        {{ max_by_keys('location_id', ['event_ts', 'location_id']) }} as location_id
    from events
    group by order_line_key
)

select
    order_line_key as own_key,
    fulfilment_method_code,
    'event' as unit_key,
    cast(null as string) as sku,
    {{ whole('least(ordered_qty, coalesce(event_final_qty, event_ready_qty, ordered_qty))') }} as out_qty,
    cast(null as timestamp) as packed_ts,
    coalesce(event_shipped_ts, event_final_ts) as shipped_ts,
    cast(null as timestamp) as notice_ts,
    {{ whole("case
        when fulfilment_method_code = 'pickup' then least(ordered_qty, coalesce(event_ready_qty, event_final_qty, 0))
        else least(ordered_qty, coalesce(event_final_qty, 0))
    end") }} as done_qty,
    case when fulfilment_method_code = 'pickup' then coalesce(event_ready_ts, event_final_ts) else event_final_ts end
        as done_ts,
    case
        when fulfilment_method_code = 'pickup' then coalesce(event_ready_known_ts, event_final_known_ts)
        else event_final_known_ts
    end as done_known_ts,
    {{ whole('least(ordered_qty, coalesce(event_final_qty, 0))') }} as final_qty,
    event_final_ts as final_ts,
    event_final_known_ts as final_known_ts,
    cast(null as timestamp) as hold_until_ts,
    location_id,
    cast(null as string) as carrier_id
from by_line
