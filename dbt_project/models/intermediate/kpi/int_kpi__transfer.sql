-- One row a transfer line that was shipped: its lead time, whether it came by the day of its lane, what is missing
-- (K46, K47).
{{ config(materialized='view') }}

select
    transfer_id || '|' || cast(line_no as string) as transfer_key,
    cast(null as string) as exclusion_reason,
    {{ reporting_date('completed_ts') }} as completed_date,
    {{ seconds_between('shipped_ts', 'completed_ts') }} as lead_seconds,
    shipped_ts,
    completed_ts,
    due_date,
    coalesce({{ reporting_date('completed_ts') }} > due_date, true) as is_late,
    shipped_qty,
    received_qty,
    cost_amount,
    unit_cost_amount,
    location,
    region,
    carrier,
    category,
    source_entity,
    _file_digest,
    _line
from {{ ref('fct_transfer_line') }}
where shipped_ts is not null and status_code <> 'cancelled'
