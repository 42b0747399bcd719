-- One row an order line that allocation or a node has seen: attempts, units held by nodes now, units picked.
with

attempts as (
    select
        {{ line_key('order_id', 'line_no') }} as order_line_key,
        min(attempted_ts) as first_attempt_ts,
        max(attempted_ts) as last_attempt_ts,
        {{ max_by_keys('result_code', ['attempted_ts', 'attempt_no', 'attempt_id']) }} as last_attempt_result_code,
        {{ max_by_keys('first_received_ts', ['attempted_ts', 'attempt_no', 'attempt_id']) }}
            as last_attempt_received_ts,
        {{ whole('sum(allocated_qty)') }} as allocated_qty,
        max(attempted_ts) filter (where allocated_qty > 0) as allocated_ts,
        {{ max_by_keys('location_id', ['attempted_ts', 'attempt_no', 'attempt_id'], where='allocated_qty > 0') }}
            as location_id
    from {{ ref('stg_oms__allocation_attempt') }}
    group by order_id, line_no
),

nodes as (
    select
        {{ line_key('order_id', 'line_no') }} as order_line_key,
        {{ whole("sum(
            case
                when status_code in ('rejected', 'cancelled') then 0
                when status_code = 'short' then picked_qty
                else requested_qty
            end)") }} as allocated_qty,
        {{ whole('sum(picked_qty)') }} as picked_qty,
        {{ max_by_keys('location_id', ['assigned_ts', 'fulfilment_line_id']) }} as location_id
    from {{ ref('stg_oms__fulfilment_line') }}
    group by order_id, line_no
),

picks as (
    select
        {{ line_key('fulfilments.order_id', 'fulfilments.line_no') }} as order_line_key,
        max(tasks.ended_ts) as picked_ts
    from {{ ref('stg_wms__wms_task') }} as tasks
    inner join {{ ref('stg_oms__fulfilment_line') }} as fulfilments
        on tasks.fulfilment_line_id = fulfilments.fulfilment_line_id
    where tasks.task_type = 'pick' and tasks.done_qty > 0
    group by fulfilments.order_id, fulfilments.line_no
)

select
    coalesce(attempts.order_line_key, nodes.order_line_key) as order_line_key,
    attempts.first_attempt_ts,
    attempts.last_attempt_ts,
    attempts.last_attempt_result_code,
    attempts.last_attempt_received_ts,
    attempts.allocated_ts,
    coalesce(nodes.allocated_qty, attempts.allocated_qty, 0) as allocated_qty,
    nodes.picked_qty,
    picks.picked_ts,
    coalesce(nodes.location_id, attempts.location_id) as location_id
from attempts
full outer join nodes
    on attempts.order_line_key = nodes.order_line_key
left join picks
    on coalesce(attempts.order_line_key, nodes.order_line_key) = picks.order_line_key
