-- K93. Grain: one row a measure and exception: those that are open on the day of the build, those detected and those
-- closed on their own days. What was retracted is left out.
{% set dims = ['process', 'reason', 'role', 'channel', 'location', 'region', 'supplier', 'interface'] %}
{% set build_date = reporting_date(as_of()) %}
{% set nothing = 'cast(null as string)' %}
with exceptions as (
    select
        *,
        {{ seconds_between('detected_ts', as_of()) }} as age_seconds
    from {{ ref('mart_exception_time') }}
)

{{ kpi_union([
    kpi_measure('K93', 'exceptions', 'exception_id', build_date, '1', exclusion=nothing, dims=dims, where='is_open'),
    kpi_measure(
        'K93.value', 'exceptions', 'exception_id', build_date, 'coalesce(value_at_risk_amount, 0)',
        exclusion="case when value_at_risk_amount is null then 'no_data:no_value' end", dims=dims, where='is_open'
    ),
    kpi_measure('K93.age', 'exceptions', 'exception_id', build_date, 'age_seconds', exclusion=nothing, dims=dims, where='is_open'),
    kpi_measure(
        'K93.opened', 'exceptions', 'exception_id', reporting_date('detected_ts'), '1', exclusion=nothing, dims=dims
    ),
    kpi_measure(
        'K93.closed', 'exceptions', 'exception_id', reporting_date('closed_ts'), '1', exclusion=nothing, dims=dims,
        where='not is_open'
    ),
]) }}
