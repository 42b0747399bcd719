-- K19. Grain: one row a measure and part of an order line; K19.late one row a step (pick, pack) that was due.
{% set steps = ref('int_kpi__fulfilment_step') %}
{% set dims = ['location', 'region', 'order_type'] %}
with due_steps as (
    select
        *,
        fulfilment_line_id || '|pick' as step_key,
        coalesce(pick_due_ts, assigned_ts) as due_ts,
        coalesce(pick_started_ts > pick_due_ts, true) as is_late,
        case
            when pick_due_ts is null then 'no_data:no_calendar'
            when pick_started_ts is null and (not is_told or left_ts is not null) then 'no_data:no_task'
            when pick_started_ts is null and ended_ts <= pick_due_ts then 'out:not_picked'
        end as unjudged_reason
    from {{ steps }}
    union all
    select
        *,
        fulfilment_line_id || '|pack' as step_key,
        pack_due_ts as due_ts,
        coalesce(pack_ended_ts > pack_due_ts, true) as is_late,
        case
            when pack_ended_ts is null and left_ts is not null then 'no_data:no_task'
            when pack_ended_ts is null and ended_ts <= pack_due_ts then 'out:not_packed'
        end as unjudged_reason
    from {{ steps }}
)

{{ kpi_union([
    kpi_measure(
        'K19', steps, 'fulfilment_line_id', reporting_date('coalesce(pick_started_ts, left_ts)'), 'pick_wait_seconds',
        exclusion="coalesce(exclusion_reason, case when pick_started_ts is null then 'no_data:no_task' end, "
        ~ kpi_duration_exclusion('pick_wait_seconds') ~ ")", dims=dims,
        where='pick_started_ts is not null or left_ts is not null'
    ),
    kpi_measure(
        'K19.pack', steps, 'fulfilment_line_id', reporting_date('coalesce(pack_ended_ts, left_ts)'), 'pack_wait_seconds',
        exclusion="coalesce(exclusion_reason, case when pack_ended_ts is null then 'no_data:no_task' end, "
        ~ kpi_duration_exclusion('pack_wait_seconds') ~ ")", dims=dims,
        where='not is_pickup and (pack_ended_ts is not null or left_ts is not null)'
    ),
    kpi_measure(
        'K19.late', 'due_steps', 'step_key', reporting_date('due_ts'), 'case when is_late then 1 else 0 end',
        exclusion='coalesce(exclusion_reason, unjudged_reason)', dims=dims, where='due_ts <= ' ~ as_of()
    ),
]) }}
