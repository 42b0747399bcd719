-- One row a transaction of a step at a location (K32): movements of stock by their kind, tasks in the warehouse by
-- theirs, first counts; with whether it is an error: a difference of a count that was attributed to the step.
{{ config(materialized='view') }}

with steps as (
    select
        movement_id as item_key,
        {{ reporting_date('event_ts') }} as event_date,
        case movement_type
            when 'receipt' then 'receive'
            when 'return' then 'return'
            else movement_type
        end as process,
        0 as error_count,
        1 as step_count,
        location,
        region,
        category,
        source_entity,
        _file_digest,
        _line
    from {{ ref('fct_stock_movement') }}
    where movement_type in ('receipt', 'return', 'transfer_out', 'transfer_in')
    union all
    select
        tasks.task_id as item_key,
        {{ reporting_date('tasks.ended_ts') }} as event_date,
        tasks.task_type as process,
        0 as error_count,
        1 as step_count,
        tasks.location,
        tasks.region,
        tasks.category,
        tasks.source_entity,
        tasks._file_digest,
        tasks._line
    from {{ ref('fct_wms_task') }} as tasks
    where tasks.task_type in ('pick', 'pack', 'putaway') and tasks.ended_ts is not null
    union all
    select
        count_id as item_key,
        count_date as event_date,
        'count' as process,
        0 as error_count,
        1 as step_count,
        location,
        region,
        category,
        source_entity,
        _file_digest,
        _line
    from {{ ref('fct_cycle_count') }}
    where count_no = 1
    union all
    select
        count_id as item_key,
        count_date as event_date,
        coalesce(process_step, 'UNKNOWN') as process,
        1 as error_count,
        0 as step_count,
        location,
        region,
        category,
        source_entity,
        _file_digest,
        _line
    from {{ ref('fct_cycle_count') }}
    where count_no = 1 and difference_qty <> 0
)

select
    *,
    cast(null as string) as exclusion_reason
from steps
