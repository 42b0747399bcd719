-- K96, K97. Grain: one row a measure and exception that has closed, or was opened (K97.duplicate). An exception
-- counts once however often it was reopened; one that is open again stands on the day of the settlement that did not
-- hold.
{% set dims = ['process', 'reason', 'role', 'channel', 'location', 'region'] %}
{% set short_dims = ['process', 'reason', 'role'] %}
{% set nothing = 'cast(null as string)' %}
with kept as (
    select
        *,
        coalesce(closed_ts, settled_ts) as last_closed_ts,
        case
            when ending_code in ('self_cleared', 'merged', 'no_issue') then 'out:' || ending_code
        end as exclusion_reason
    from {{ ref('mart_exception_time') }}
),

-- What later evidence disproved was a false alarm, too.
disproved as (
    select
        exception_id,
        code as reason,
        category_code as process,
        owner_role as role,
        closed_ts as last_closed_ts,
        evidence_entity as source_entity,
        _file_digest,
        _line
    from {{ ref('fct_exception') }}
    where status_code = 'retracted'
)

{{ kpi_union([
    kpi_measure(
        'K96', 'kept', 'exception_id', reporting_date('closed_ts'),
        "case when ending_code = 'automation' and person_action_count = 0 and reopened_count = 0 then 1 else 0 end",
        dims=dims, where='not is_open'
    ),
    kpi_measure(
        'K96.self_cleared', 'kept', 'exception_id', reporting_date('closed_ts'),
        "case when ending_code = 'self_cleared' then 1 else 0 end", exclusion=nothing, dims=dims, where='not is_open'
    ),
    kpi_measure(
        'K97', 'kept', 'exception_id', reporting_date('last_closed_ts'), 'case when reopened_count > 0 then 1 else 0 end',
        exclusion=nothing, dims=short_dims, where='last_closed_ts is not null'
    ),
    kpi_measure(
        'K97.false_alarm', 'kept', 'exception_id', reporting_date('closed_ts'),
        "case when ending_code = 'no_issue' then 1 else 0 end", exclusion=nothing, dims=short_dims, where='not is_open'
    ),
    kpi_measure(
        'K97.false_alarm', 'disproved', 'exception_id', reporting_date('last_closed_ts'), '1', exclusion=nothing,
        dims=short_dims
    ),
    kpi_measure(
        'K97.duplicate', 'kept', 'exception_id', reporting_date('detected_ts'),
        "case when ending_code = 'merged' then 1 else 0 end", exclusion=nothing, dims=short_dims
    ),
]) }}
