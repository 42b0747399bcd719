-- K110. Grain: one row a case that has ended; K110.wait: one row a hand-off, from a step of a case to its next.
{% set dims = ['channel', 'location', 'region', 'supplier', 'order_type', 'process'] %}
with

ended as (
    select
        *,
        process || '|' || case_id as case_key,
        {{ reporting_date('last_ts') }} as ended_date,
        cast(null as string) as exclusion_reason
    from {{ ref('fct_process_case') }}
    where is_ended
),

hand_offs as (
    select
        cases.channel,
        cases.location,
        cases.region,
        cases.supplier,
        cases.order_type,
        steps.process || ': ' || steps.former_activity || ' to ' || steps.activity as process,
        steps.process || '|' || steps.case_id || '|' || cast(steps.position_no as string) as hand_off_key,
        steps.wait_seconds,
        cases.ended_date,
        cases.exclusion_reason,
        steps.source_entity,
        steps._file_digest,
        steps._line
    from {{ ref('fct_process_step') }} as steps
    inner join ended as cases
        on
            steps.process = cases.process
            and steps.case_id = cases.case_id
    where steps.former_activity is not null
)

{{ kpi_union([
    kpi_measure('K110', 'ended', 'case_key', 'ended_date', 'case when is_standard then 1 else 0 end', dims=dims),
    kpi_measure('K110.rework', 'ended', 'case_key', 'ended_date', 'repeated_count', dims=dims),
    kpi_measure('K110.wait', 'hand_offs', 'hand_off_key', 'ended_date', 'wait_seconds', dims=dims),
]) }}
