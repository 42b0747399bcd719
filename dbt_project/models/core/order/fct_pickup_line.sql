-- Grain: one pickup of an order line in a store. A line moved to another store has a row in each: do not sum
-- cancelled ones.
select
    {{ line_key('tasks.order_id', 'tasks.line_no') }} as order_line_key,
    tasks.location_id,
    tasks.order_id,
    tasks.line_no,
    tasks.requested_qty,
    tasks.ready_qty,
    coalesce(tasks.collected_qty, 0) as collected_qty,
    tasks.assigned_ts,
    tasks.ready_ts,
    tasks.notified_ts,
    tasks.collected_ts,
    tasks.hold_until_ts,
    tasks.status_code,
    coalesce(lines.channel, 'UNKNOWN') as channel,
    {{ mapped_dim('tasks.location_id', 'locations.location_id') }} as location,
    coalesce(lines.region, 'UNKNOWN') as region,
    coalesce(lines.category, 'UNKNOWN') as category,
    coalesce(lines.order_type, 'UNKNOWN') as order_type,
    {{ evidence('pickup_task', 'tasks') }}
from {{ ref('stg_pos__pickup_task') }} as tasks
left join {{ ref('int_order__line_scope') }} as lines
    on
        tasks.order_id = lines.order_id
        and tasks.line_no = lines.line_no
left join {{ ref('dim_location') }} as locations
    on tasks.location_id = locations.location_id
