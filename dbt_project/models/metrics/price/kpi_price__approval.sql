-- K52. Grain: one row a measure and approval step that was decided (open: K52.open_age); for K52.after_start one a
-- promotion that has begun. A role without hours of its own keeps those of the office.
{% set dims = ['channel', 'region', 'role', 'process'] %}
{% set working = 'finished_seconds - begun_seconds' %}
with calendars as (
    select distinct owner_role
    from {{ ref('int_control__business_day') }}
),

steps as (
    select
        steps.*,
        steps.request_id || '|' || cast(steps.step_no as string) as step_key,
        coalesce(calendars.owner_role, 'office') as calendar_role,
        coalesce(steps.decided_ts, {{ as_of() }}) as finished_ts
    from {{ ref('fct_approval_step') }} as steps
    left join calendars
        on replace(steps.role, ' ', '_') = calendars.owner_role
),

timed as (
    select
        steps.*,
        cast(null as string) as exclusion_reason,
        finished.date_day as finished_date,
        {{ worked_until('begun', 'steps.submitted_ts') }} as begun_seconds,
        {{ worked_until('finished', 'steps.finished_ts') }} as finished_seconds
    from steps
    left join {{ ref('int_control__business_day') }} as begun
        on
            steps.calendar_role = begun.owner_role
            and {{ reporting_date('steps.submitted_ts') }} = begun.date_day
    left join {{ ref('int_control__business_day') }} as finished
        on
            steps.calendar_role = finished.owner_role
            and {{ reporting_date('steps.finished_ts') }} = finished.date_day
)

{{ kpi_union([
    kpi_measure(
        'K52', 'timed', 'step_key', 'finished_date', working, exclusion=kpi_duration_exclusion(working), dims=dims,
        where='decided_ts is not null'
    ),
    kpi_measure(
        'K52.open_age', 'timed', 'step_key', 'finished_date', working, exclusion=kpi_duration_exclusion(working),
        dims=dims, where='decided_ts is null'
    ),
    kpi_measure(
        'K52.after_start', ref('int_kpi__promotion_approval'), 'promotion_id', 'start_date',
        'case when is_late then 1 else 0 end', dims=dims
    ),
]) }}
