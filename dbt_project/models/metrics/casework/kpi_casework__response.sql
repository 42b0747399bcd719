-- K94, K95. Grain: one row a measure and exception that was taken, settled, detected or due. An owner without hours
-- of their own has no working time to measure.
{% set dims = ['process', 'reason', 'role', 'channel', 'location', 'region'] %}
{% set nothing = 'cast(null as string)' %}
with exceptions as (
    select
        *,
        {{ seconds_between('opened_ts', 'detected_ts') }} as undetected_seconds,
        case when ending_code = 'self_cleared' then 'out:self_cleared' end as exclusion_reason,
        case
            when ending_code in ('merged', 'no_issue') then 'out:' || ending_code
            when due_seconds is null then 'no_data:no_calendar'
        end as due_exclusion_reason
    from {{ ref('mart_exception_time') }}
)

{{ kpi_union([
    kpi_measure(
        'K94', 'exceptions', 'exception_id', reporting_date('coalesce(taken_ts, closed_ts)'), 'taken_after_seconds',
        exclusion=kpi_duration_exclusion('taken_after_seconds'), dims=dims,
        where="taken_ts is not null or ending_code = 'self_cleared'"
    ),
    kpi_measure(
        'K94.resolve', 'exceptions', 'exception_id', reporting_date('closed_ts'), 'closed_after_seconds',
        exclusion=kpi_duration_exclusion('closed_after_seconds'), dims=dims,
        where="ending_code in ('person', 'automation', 'self_cleared')"
    ),
    kpi_measure(
        'K94.detect', 'exceptions', 'exception_id', reporting_date('detected_ts'), 'undetected_seconds', exclusion=nothing,
        dims=dims
    ),
    kpi_measure(
        'K95', 'exceptions', 'exception_id', reporting_date('coalesce(extended_due_ts, detected_ts)'),
        'case when not is_open and closed_after_seconds <= sla_seconds then 1 else 0 end',
        exclusion='due_exclusion_reason', dims=dims,
        where='coalesce(extended_due_ts <= ' ~ as_of() ~ ', true) and not is_paused'
    ),
]) }}
