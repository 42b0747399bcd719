-- K18. Grain: one row a measure, node and day on which it worked.
{% set dims = ['location', 'region'] %}
{% set required = '(due_qty + overdue_qty) * standard_unit_minutes' %}
with days as (
    select
        *,
        location_id || '|' || cast(date_day as string) as node_day_key,
        location_id as location,
        cast(null as string) as exclusion_reason
    from {{ ref('int_kpi__node_day') }}
    where is_open
)

{{ kpi_union([
    kpi_measure(
        'K18', 'days', 'node_day_key', 'date_day', 'due_qty + overdue_qty', 'units_capacity',
        exclusion="case when units_capacity is null then 'no_data:no_capacity' end", dims=dims
    ),
    kpi_measure(
        'K18.labour', 'days', 'node_day_key', 'date_day', required, 'rostered_minutes',
        exclusion="case when rostered_minutes is null or standard_unit_minutes is null then 'no_data:no_roster' end", dims=dims
    ),
]) }}
