-- One row a part of an order line at a node: its days there, its picking and packing in the node's open time, and by
-- when each of them was due (K17 to K20). A pick is due four open hours after the assignment, a pack two after the
-- pick; a handover at the first cut-off of the planned carrier two hours after the assignment or later, a pickup with
-- its promise.
with

tasks as (
    select
        fulfilment_line_id,
        min(started_ts) filter (where task_type = 'pick') as pick_started_ts,
        max(ended_ts) filter (where task_type = 'pick') as pick_ended_ts,
        max(ended_ts) filter (where task_type = 'pack') as pack_ended_ts
    from {{ ref('stg_wms__wms_task') }}
    group by fulfilment_line_id
),

parts as (
    select
        parts.*,
        case
            when lines.order_line_key is not null and not lines.is_unit_scope
                then 'out:' || coalesce(lines.scope_exclusion_code, 'kit')
        end as exclusion_reason,
        coalesce(lines.fulfilment_method_code = 'pickup', false) as is_pickup,
        lines.first_promise_latest_ts,
        coalesce(locations.time_zone, {{ reporting_zone() }}) as time_zone,
        coalesce(locations.region, 'UNKNOWN') as node_region,
        nodes.location_id is not null as is_told,
        tasks.pick_started_ts,
        tasks.pick_ended_ts,
        tasks.pack_ended_ts
    from {{ ref('fct_fulfilment_line') }} as parts
    left join {{ ref('fct_order_line') }} as lines on parts.order_line_key = lines.order_line_key
    left join {{ ref('dim_location') }} as locations on parts.location_id = locations.location_id
    left join {{ ref('int_kpi__task_node') }} as nodes on parts.location_id = nodes.location_id
    left join tasks on parts.fulfilment_line_id = tasks.fulfilment_line_id
),

dated as (
    select
        *,
        {{ local_date('assigned_ts', 'time_zone') }} as assigned_date,
        {{ local_date('ended_ts', 'time_zone') }} as ended_date
    from parts
),

planned as (
    select
        dated.*,
        case
            when dated.is_pickup then dated.first_promise_latest_ts
            when
                {{ local_instant('dated.assigned_date', 'cutoffs.cutoff_local', 'dated.time_zone') }}
                >= {{ add_seconds('dated.assigned_ts', '2 * 3600') }}
                then {{ local_instant('dated.assigned_date', 'cutoffs.cutoff_local', 'dated.time_zone') }}
            else {{ local_instant(
                add_days('dated.assigned_date', 'cutoffs.next_days'), 'cutoffs.next_cutoff_local', 'dated.time_zone'
            ) }}
        end as due_out_ts
    from dated
    left join {{ ref('dim_carrier_cutoff') }} as cutoffs
        on
            dated.location_id = cutoffs.location_id
            and coalesce(dated.planned_carrier_id, '*') = cutoffs.carrier_id
            and {{ iso_weekday('dated.assigned_date') }} = cutoffs.iso_weekday
)

select
    planned.fulfilment_line_id,
    planned.order_id,
    planned.order_line_key,
    planned.location_id,
    planned.exclusion_reason,
    planned.is_pickup,
    planned.is_told,
    planned.status_code,
    planned.requested_qty,
    planned.shipped_qty,
    planned.time_zone,
    planned.assigned_ts,
    planned.left_ts,
    planned.ended_ts,
    planned.pick_started_ts,
    planned.pick_ended_ts,
    planned.pack_ended_ts,
    planned.due_out_ts,
    planned.assigned_date,
    planned.ended_date,
    {{ local_hour('planned.assigned_ts', 'planned.time_zone') }} as assigned_hour,
    {{ local_date('planned.due_out_ts', 'planned.time_zone') }} as due_out_date,
    {{ open_seconds_between('assigned_day', 'planned.assigned_ts', 'started_day', 'planned.pick_started_ts') }}
        as pick_wait_seconds,
    {{ open_seconds_between('picked_day', 'planned.pick_ended_ts', 'packed_day', 'planned.pack_ended_ts') }}
        as pack_wait_seconds,
    {{ open_deadline('assigned_day', 'planned.assigned_ts', '4 * 3600') }} as pick_due_ts,
    case
        when not planned.is_pickup then {{ open_deadline('picked_day', 'planned.pick_ended_ts', '2 * 3600') }}
    end as pack_due_ts,
    planned.location,
    planned.region,
    planned.node_region,
    case when planned.is_pickup then 'NONE' else {{ dim('planned.planned_carrier_id') }} end as carrier,
    planned.order_type,
    planned.source_entity,
    planned._file_digest,
    planned._line
from planned
{{ opening_day('assigned_day', 'planned.location_id', 'planned.assigned_ts', 'planned.time_zone') }}
{{ open_days_after('assigned_day') }}
{{ opening_day('started_day', 'planned.location_id', 'planned.pick_started_ts', 'planned.time_zone') }}
{{ opening_day('picked_day', 'planned.location_id', 'planned.pick_ended_ts', 'planned.time_zone') }}
{{ open_days_after('picked_day') }}
{{ opening_day('packed_day', 'planned.location_id', 'planned.pack_ended_ts', 'planned.time_zone') }}
