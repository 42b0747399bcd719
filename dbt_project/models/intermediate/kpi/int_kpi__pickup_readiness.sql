-- One row a pickup order and store: how long it took in the store's opening hours until all that is still wanted there
-- was ready, and until the customer was told (K22).
{{ config(materialized='view') }}

with

tasks as (
    select
        order_id,
        location_id,
        case when count(ready_ts) = count(*) then max(ready_ts) end as ready_ts,
        case when count(notified_ts) = count(*) then max(notified_ts) end as notified_ts,
        min(location) as location,
        min(source_entity) as source_entity,
        {{ min_by_keys('_file_digest', ['order_line_key']) }} as _file_digest,
        {{ min_by_keys('_line', ['order_line_key']) }} as _line
    from {{ ref('fct_pickup_line') }}
    where status_code not in ('cancelled', 'not_found')
    group by order_id, location_id
),

placed as (
    select
        tasks.*,
        {{ kpi_order_exclusion() }} as exclusion_reason,
        orders.order_ts,
        orders.channel,
        orders.region,
        coalesce(locations.time_zone, {{ reporting_zone() }}) as time_zone
    from tasks
    inner join {{ ref('fct_order') }} as orders on tasks.order_id = orders.order_id
    left join {{ ref('dim_location') }} as locations on tasks.location_id = locations.location_id
    where tasks.ready_ts is not null
)

select
    placed.order_id || '|' || placed.location_id as pickup_key,
    placed.exclusion_reason,
    placed.ready_ts,
    {{ reporting_date('placed.ready_ts') }} as ready_date,
    {{ open_seconds_between('placed_day', 'placed.order_ts', 'ready_day', 'placed.ready_ts') }} as ready_seconds,
    {{ seconds_between('placed.ready_ts', 'placed.notified_ts') }} as notify_seconds,
    placed.channel,
    placed.location,
    placed.region,
    placed.source_entity,
    placed._file_digest,
    placed._line
from placed
{{ opening_day('placed_day', 'placed.location_id', 'placed.order_ts', 'placed.time_zone') }}
{{ opening_day('ready_day', 'placed.location_id', 'placed.ready_ts', 'placed.time_zone') }}
