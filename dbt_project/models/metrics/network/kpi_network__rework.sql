-- K21. Grain: one row a task: units packed (denominator, on NONE), and units done again (numerator, by what was done
-- again).
{% set dims = ['location', 'region', 'reason'] %}
with tasks as (
    select
        *,
        {{ reporting_date('ended_ts') }} as ended_date,
        cast(null as string) as exclusion_reason,
        case
            when rework_code in ('repick', 'repack', 'relabel', 'put_back') then rework_code
            else 'UNKNOWN'
        end as rework
    from {{ ref('fct_wms_task') }}
    where ended_ts is not null
)

{{ kpi_union([
    kpi_measure(
        'K21', 'tasks', 'task_id', 'ended_date', '0', 'done_qty', dims=dims, reason="'NONE'", where="task_type = 'pack'"
    ),
    kpi_measure(
        'K21', 'tasks', 'task_id', 'ended_date', 'done_qty', '0', dims=dims, reason='rework', where="task_type = 'rework'"
    ),
]) }}
