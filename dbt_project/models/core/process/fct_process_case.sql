-- Grain: one case of a process: an order line, a purchase-order line, a return line, a replenishment proposal, a
-- promotion. Cases add up within a process, never over processes: an order line's goods were a proposal before.
with

cases as (
    select
        process,
        case_id,
        order_id,
        is_ended,
        channel,
        location,
        region,
        supplier,
        order_type
    from {{ ref('int_process__order_case') }}
    union all
    select
        process,
        case_id,
        cast(null as string) as order_id,
        is_ended,
        channel,
        location,
        region,
        supplier,
        order_type
    from {{ ref('int_process__supply_case') }}
),

walked as (
    select
        process,
        case_id,
        {{ joined_in_order('activity', "'>'", 'position_no') }} as path,
        count(*) as step_count,
        count(*) - count(distinct activity) as repeated_count,
        min(event_ts) as started_ts,
        max(event_ts) as last_ts,
        {{ max_by_keys('source_entity', ['position_no']) }} as source_entity,
        {{ max_by_keys('_file_digest', ['position_no']) }} as _file_digest,
        {{ max_by_keys('_line', ['position_no']) }} as _line
    from {{ ref('fct_process_step') }}
    group by process, case_id
)

select
    cases.process,
    cases.case_id,
    cases.order_id,
    walked.path,
    coalesce(paths.path_name, 'other') as path_name,
    paths.path is not null as is_standard,
    cases.is_ended,
    walked.step_count,
    walked.repeated_count,
    walked.started_ts,
    walked.last_ts,
    cases.channel,
    cases.location,
    cases.region,
    cases.supplier,
    cases.order_type,
    walked.source_entity,
    walked._file_digest,
    walked._line
from cases
inner join walked
    on
        cases.process = walked.process
        and cases.case_id = walked.case_id
left join {{ ref('process_path') }} as paths
    on
        walked.process = paths.process
        and walked.path = paths.path
