-- K98. Grain: one row an exception code whose cases were settled in the last 90 days, four of five of them in the
-- same way: the minutes a month that an automation of that way would save.
{% set dims = ['process', 'reason', 'role'] %}
{% set nothing = 'cast(null as string)' %}
{% set since = add_seconds(as_of(), -90 * 86400) %}
with handled as (
    select
        item_id as exception_id,
        sum(handling_seconds) as handling_seconds
    from {{ ref('fct_work_log') }}
    group by item_id
),

settled as (
    select
        exceptions.*,
        coalesce(cases.outcome_code, cases.settlement_code) as path_code,
        cast(handled.handling_seconds as double) / 60 as handling_minutes
    from {{ ref('mart_exception_time') }} as exceptions
    inner join {{ ref('fct_case') }} as cases
        on exceptions.exception_id = cases.case_id
    left join handled
        on exceptions.exception_id = handled.exception_id
    where
        exceptions.ending_code in ('person', 'automation')
        and exceptions.closed_ts > {{ since }}
        and exceptions.closed_ts <= {{ as_of() }}
),

paths as (
    select
        reason,
        path_code,
        count(*) as path_count
    from settled
    group by reason, path_code
),

frequent as (
    select
        reason,
        max(path_count) as path_count
    from paths
    group by reason
),

codes as (
    select
        settled.reason,
        max(settled.process) as process,
        max(settled.role) as role,
        count(*) as settled_count,
        count(*) filter (where settled.reopened_count > 0) as reopened_count,
        percentile_cont(0.5) within group (order by settled.handling_minutes) as handling_minutes,
        max(settled.source_entity) as source_entity,
        cast(null as string) as _file_digest,
        cast(null as bigint) as _line
    from settled
    group by settled.reason
),

scored as (
    select
        codes.*,
        {{ decimal_of("cast(codes.settled_count as double) / 3 * codes.handling_minutes"
            ~ " * (cast(frequent.path_count as double) / codes.settled_count)"
            ~ " * (1 - cast(codes.reopened_count as double) / codes.settled_count)", 38, 6) }} as score_minutes,
        case when codes.handling_minutes is null then 'no_data:no_handling_time' end as exclusion_reason
    from codes
    inner join frequent on codes.reason = frequent.reason
    where 5 * frequent.path_count >= 4 * codes.settled_count
)

{{ kpi_union([
    kpi_measure('K98', 'scored', 'reason', reporting_date(as_of()), 'score_minutes', dims=dims),
]) }}
