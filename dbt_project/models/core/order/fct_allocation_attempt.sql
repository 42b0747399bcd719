-- Grain: one run of the allocation for an order line. A unit asked again counts again: requested_qty must not be
-- summed over attempts.
with

attempts as (
    select
        *,
        row_number() over (
            partition by order_id, line_no order by attempted_ts, attempt_no, attempt_id
        ) as from_first,
        row_number() over (
            partition by order_id, line_no order by attempted_ts desc, attempt_no desc, attempt_id desc
        ) as from_last
    from {{ ref('stg_oms__allocation_attempt') }}
)

select
    attempts.attempt_id,
    {{ line_key('attempts.order_id', 'attempts.line_no') }} as order_line_key,
    attempts.order_id,
    attempts.line_no,
    attempts.attempt_no,
    attempts.attempted_ts,
    attempts.result_code,
    attempts.requested_qty,
    attempts.allocated_qty,
    attempts.from_first = 1 as is_first,
    attempts.from_last = 1 as is_last,
    attempts.location_id,
    coalesce(lines.channel, 'UNKNOWN') as channel,
    {{ mapped_dim('attempts.location_id', 'locations.location_id') }} as location,
    coalesce(lines.region, 'UNKNOWN') as region,
    coalesce(lines.category, 'UNKNOWN') as category,
    coalesce(lines.order_type, 'UNKNOWN') as order_type,
    {{ evidence('allocation_attempt', 'attempts') }}
from attempts
left join {{ ref('int_order__line_scope') }} as lines
    on
        attempts.order_id = lines.order_id
        and attempts.line_no = lines.line_no
left join {{ ref('dim_location') }} as locations
    on attempts.location_id = locations.location_id
