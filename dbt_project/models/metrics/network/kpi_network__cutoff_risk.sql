-- K20. Grain: one row a part for a carrier that is not packed, on the day of the build. It is at risk when its cut-off
-- has passed, or when four of five such parts would be packed only after it: counted from the assignment, but no less
-- than the work itself takes; once its pick has begun, from there.
with waiting as (
    select
        parts.*,
        {{ seconds_between('parts.assigned_ts', as_of()) }} as waited_seconds,
        {{ seconds_between('parts.pick_started_ts', as_of()) }} as worked_seconds,
        coalesce(hours.p80_total_seconds, nodes.p80_total_seconds) as total_seconds,
        coalesce(hours.p80_work_seconds, nodes.p80_work_seconds) as work_seconds
    from {{ ref('int_kpi__fulfilment_step') }} as parts
    left join {{ ref('int_kpi__process_time') }} as hours
        on parts.location_id = hours.location_id and parts.assigned_hour = hours.hour_no
    left join {{ ref('int_kpi__process_time') }} as nodes
        on parts.location_id = nodes.location_id and nodes.hour_no = -1
    where
        not parts.is_pickup
        and parts.ended_ts is null
        and parts.pack_ended_ts is null
        and parts.status_code <> 'packed'
),

foreseen as (
    select
        *,
        case
            when pick_started_ts is null then greatest(total_seconds - waited_seconds, work_seconds)
            else greatest(work_seconds - worked_seconds, 0)
        end as remaining_seconds
    from waiting
),

judged as (
    select
        *,
        due_out_ts < {{ as_of() }}
        or {{ add_seconds(as_of(), 'remaining_seconds') }} > due_out_ts as is_at_risk
    from foreseen
)

{{ kpi_measure(
    'K20', 'judged', 'fulfilment_line_id', reporting_date(as_of()), 'case when is_at_risk then 1 else 0 end',
    exclusion="coalesce(exclusion_reason, case when due_out_ts is null then 'no_data:no_cutoff' "
    ~ "when is_at_risk is null then 'no_data:no_history' end)",
    dims=['location', 'region', 'carrier', 'order_type']
) }}
