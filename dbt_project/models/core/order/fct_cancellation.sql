-- Grain: one event that cancelled units of an order line. cancelled_qty adds up: each unit is cancelled once.
with

held as (
    select
        cancellations.order_line_key,
        cancellations.event_id,
        {{ max_by_keys('fulfilments.location_id', ['fulfilments.assigned_ts', 'fulfilments.fulfilment_line_id']) }}
            as location_id
    from {{ ref('int_order__cancellation') }} as cancellations
    inner join {{ ref('int_order__line_scope') }} as lines
        on cancellations.order_line_key = lines.order_line_key
    inner join {{ ref('stg_oms__fulfilment_line') }} as fulfilments
        on
            lines.order_id = fulfilments.order_id
            and lines.line_no = fulfilments.line_no
            and cancellations.event_ts >= fulfilments.assigned_ts
    group by cancellations.order_line_key, cancellations.event_id
)

select
    cancellations.order_line_key || '|' || cancellations.event_id as cancellation_key,
    cancellations.order_line_key,
    lines.order_id,
    lines.line_no,
    cancellations.event_ts,
    cancellations.cancelled_qty,
    cancellations.initiator_code,
    cancellations.reason_code,
    cancellations.class_code,
    cancellations.actor_type,
    cancellations.is_before_obligation,
    lines.order_ts,
    lines.is_unit_scope,
    lines.channel,
    {{ mapped_dim('held.location_id', 'locations.location_id') }} as location,
    lines.region,
    lines.category,
    lines.supplier,
    lines.order_type,
    {{ evidence('order_event', 'cancellations') }}
from {{ ref('int_order__cancellation') }} as cancellations
inner join {{ ref('fct_order_line') }} as lines
    on cancellations.order_line_key = lines.order_line_key
left join held
    on
        cancellations.order_line_key = held.order_line_key
        and cancellations.event_id = held.event_id
left join {{ ref('dim_location') }} as locations
    on held.location_id = locations.location_id
