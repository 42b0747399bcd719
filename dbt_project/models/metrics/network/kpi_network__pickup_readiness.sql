-- K22. Grain: one row a measure and pickup order at a store; K22.on_time once all its lines there are due.
{% set pickups = ref('int_kpi__pickup_readiness') %}
{% set dims = ['channel', 'location', 'region'] %}
with due as (
    select
        lines.order_id || '|' || lines.location as pickup_key,
        case when count(*) filter (where promises.exclusion_reason is null) = 0 then min(promises.exclusion_reason) end
            as exclusion_reason,
        bool_and(promises.is_due) as is_due,
        max(promises.due_date) as due_date,
        bool_and(promises.outcome_code = 'kept') filter (where promises.exclusion_reason is null) as is_kept,
        min(lines.channel) as channel,
        min(lines.location) as location,
        min(lines.region) as region,
        min(lines.source_entity) as source_entity,
        {{ min_by_keys('lines._file_digest', ['lines.order_line_key']) }} as _file_digest,
        {{ min_by_keys('lines._line', ['lines.order_line_key']) }} as _line
    from {{ ref('fct_order_line') }} as lines
    inner join {{ ref('int_kpi__promise_outcome') }} as promises on lines.order_line_key = promises.order_line_key
    where lines.fulfilment_method_code = 'pickup'
    group by lines.order_id, lines.location
)

{{ kpi_union([
    kpi_measure(
        'K22', pickups, 'pickup_key', 'ready_date', 'ready_seconds', exclusion=kpi_duration_exclusion('ready_seconds'),
        dims=dims
    ),
    kpi_measure(
        'K22.on_time', 'due', 'pickup_key', 'due_date', 'case when is_kept then 1 else 0 end', dims=dims, where='is_due'
    ),
    kpi_measure(
        'K22.notify', pickups, 'pickup_key', 'ready_date', 'notify_seconds', exclusion=kpi_duration_exclusion('notify_seconds'),
        dims=dims
    ),
]) }}
