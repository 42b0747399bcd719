-- Grain: one task of a warehouse or store. Units of tasks of different types are the same units: add up over one type.
select
    tasks.task_id,
    tasks.task_type,
    tasks.rework_code,
    tasks.fulfilment_line_id,
    tasks.location_id,
    tasks.sku,
    tasks.requested_qty,
    tasks.done_qty,
    tasks.started_ts,
    tasks.ended_ts,
    {{ mapped_dim('tasks.location_id', 'locations.location_id') }} as location,
    coalesce(locations.region, 'UNKNOWN') as region,
    coalesce(products.category, 'UNKNOWN') as category,
    {{ evidence('wms_task', 'tasks') }}
from {{ ref('stg_wms__wms_task') }} as tasks
left join {{ ref('dim_location') }} as locations
    on tasks.location_id = locations.location_id
left join {{ ref('dim_product') }} as products
    on tasks.sku = products.sku
