-- One row an order line: the units of it that its first allocation shipped or made ready (K04). Parts belong to the
-- first run until a second run of the allocation ended or a node rejected a part; a component without a promise has its
-- kit's.
{{ config(materialized='view') }}

with attempts as (
    select
        *,
        min(attempt_no) over (partition by order_line_key) as first_no
    from {{ ref('fct_allocation_attempt') }}
),

runs as (
    select
        order_line_key,
        min(attempted_ts) filter (where attempt_no > first_no) as second_run_ts,
        {{ min_by_keys('location', ['attempted_ts', 'attempt_id']) }} as location
    from attempts
    group by order_line_key
),

parts as (
    select
        *,
        min(assigned_ts) over (partition by order_line_key) as first_assigned_ts,
        min(case when status_code = 'rejected' then answered_ts end) over (partition by order_line_key) as rejected_ts
    from {{ ref('fct_fulfilment_line') }}
),

filled as (
    select
        parts.order_line_key,
        sum(parts.shipped_qty) filter (
            where
            case
                when runs.order_line_key is null then parts.assigned_ts = parts.first_assigned_ts
                else parts.assigned_ts < coalesce(runs.second_run_ts, cast('9999-12-31' as timestamp))
            end
            and parts.assigned_ts < coalesce(parts.rejected_ts, cast('9999-12-31' as timestamp))
        ) as filled_qty,
        {{ min_by_keys('parts.location', ['parts.assigned_ts', 'parts.fulfilment_line_id']) }} as location
    from parts
    left join runs on parts.order_line_key = runs.order_line_key
    group by parts.order_line_key
),

promised as (
    select
        lines.*,
        coalesce(lines.first_promise_latest_ts, kits.first_promise_latest_ts) as promise_latest_ts
    from {{ ref('fct_order_line') }} as lines
    left join {{ ref('int_order__line_scope') }} as scope
        on case when lines.is_kit_component then lines.order_line_key end = scope.order_line_key
    left join {{ ref('fct_order_line') }} as kits on scope.kit_parent_key = kits.order_line_key
)

select
    lines.order_line_key,
    lines.order_id,
    coalesce(
        {{ kpi_unit_exclusion() }},
        case
            when lines.obliged_qty = 0 then 'out:cancelled_before_obligation'
            when lines.promise_latest_ts is null then 'no_data:no_promise'
            when filled.order_line_key is null and not evidence.has_allocation then 'no_data:no_allocation_evidence'
        end
    ) as exclusion_reason,
    coalesce(lines.promise_latest_ts, lines.order_ts) as due_ts,
    lines.obliged_qty,
    least(coalesce(filled.filled_qty, 0), lines.obliged_qty) as filled_qty,
    coalesce(filled.filled_qty, 0) >= lines.obliged_qty as is_filled,
    lines.channel,
    coalesce(filled.location, runs.location, 'NONE') as location,
    lines.region,
    lines.category,
    lines.order_type,
    lines.source_entity,
    lines._file_digest,
    lines._line
from promised as lines
left join filled on lines.order_line_key = filled.order_line_key
left join runs on lines.order_line_key = runs.order_line_key
cross join {{ ref('int_kpi__evidence') }} as evidence
