-- One row an order line: how its first and its current promise were kept (K02, and on_time of K01).
with order_lines as (
    select
        lines.*,
        case
            when lines.scope_exclusion_code is not null then 'out:' || lines.scope_exclusion_code
            when lines.obliged_qty = 0 then 'out:cancelled_before_obligation'
            when lines.first_promise_latest_ts is null then 'no_data:no_promise'
            when not evidence.has_delivery then 'no_data:no_delivery_evidence'
        end as exclusion_reason,
        coalesce(lines.first_promise_latest_ts, lines.order_ts) as due_ts,
        coalesce(lines.current_promise_latest_ts, lines.order_ts) as current_due_ts
    from {{ ref('fct_order_line') }} as lines
    cross join {{ ref('int_kpi__evidence') }} as evidence
)

select
    order_line_key,
    order_id,
    exclusion_reason,
    due_ts <= {{ as_of() }} as is_due,
    {{ reporting_date('due_ts') }} as due_date,
    current_due_ts <= {{ as_of() }} as is_current_due,
    {{ reporting_date('current_due_ts') }} as current_due_date,
    first_promise_latest_ts,
    {{ kpi_promise_outcome('first_promise_earliest_ts', 'first_promise_latest_ts') }} as outcome_code,
    {{ kpi_promise_outcome('current_promise_earliest_ts', 'current_promise_latest_ts') }} as current_outcome_code,
    {{ seconds_between('first_promise_latest_ts', 'current_promise_latest_ts') }} as slip_seconds,
    {{ seconds_between('first_promise_latest_ts', 'actual_ts') }} as lateness_seconds,
    channel,
    location,
    region,
    category,
    carrier,
    order_type,
    source_entity,
    _file_digest,
    _line
from order_lines
