-- Grain: one part of an order line for a carrier's cut-off that was at risk of missing it (K20): from when
-- until when it was unpacked before the cut-off, and at risk. The process times (p80) are those of the 28 days
-- before a period of 14 days, at the node and hour of the assignment where 30 parts or more were packed then,
-- else at the node: they stay as they were when a later build looks back. Cut-offs with no part at risk have no
-- row.
{{ config(contract={"enforced": false}) }}
{%- set first_monday = "cast('2010-01-04' as date)" %}

with parts as (

    select
        *,
        cast(floor({{ days_between(first_monday, "assigned_date") }} / 14e0) as bigint) as period_no
    from {{ ref("int_kpi__fulfilment_step") }}
    where exclusion_reason is null and not is_pickup

),

packed as (

    select
        fulfilment_line_id,
        location_id,
        assigned_hour,
        cast(floor({{ days_between(first_monday, local_date("pack_ended_ts", "time_zone")) }} / 14e0) as bigint)
            as packed_no,
        {{ seconds_between("assigned_ts", "pack_ended_ts") }} as total_seconds,
        {{ seconds_between("pick_started_ts", "pack_ended_ts") }} as work_seconds
    from parts
    where pick_started_ts >= assigned_ts and pack_ended_ts >= pick_started_ts

),

keyed as (

    select
        packed.*,
        packed.packed_no + steps.step_no as period_no,
        case when steps.is_by_hour then packed.assigned_hour else -1 end as hour_no
    from packed
    cross join (
        {%- for step in [1, 2] %}
        {%- for by_hour in ["true", "false"] %}
        select
            {{ step }} as step_no,
            {{ by_hour }} as is_by_hour
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    ) as steps

),

ranked as (

    select
        *,
        count(*) over (partition by location_id, period_no, hour_no) as part_count,
        row_number() over (
            partition by location_id, period_no, hour_no order by total_seconds, fulfilment_line_id
        ) as total_rank,
        row_number() over (
            partition by location_id, period_no, hour_no order by work_seconds, fulfilment_line_id
        ) as work_rank
    from keyed

),

process_times as (

    select
        location_id,
        period_no,
        hour_no,
        min(total_seconds) filter (where total_rank * 5 >= part_count * 4) as total_seconds,
        min(work_seconds) filter (where work_rank * 5 >= part_count * 4) as work_seconds
    from ranked
    where hour_no = -1 or part_count >= 30
    group by location_id, period_no, hour_no

),

timed as (

    select
        parts.fulfilment_line_id,
        parts.order_id,
        parts.order_line_key,
        parts.location_id,
        parts.location,
        parts.node_region,
        parts.carrier,
        parts.requested_qty,
        parts.due_out_ts as cutoff_ts,
        parts.assigned_ts,
        least(parts.pack_ended_ts, parts.ended_ts, parts.due_out_ts) as out_ts,
        least(parts.pick_started_ts, parts.pack_ended_ts, parts.ended_ts, parts.due_out_ts) as begun_ts,
        parts.pick_started_ts,
        {{ add_seconds("parts.assigned_ts", "coalesce(hours.total_seconds, nodes.total_seconds)") }} as foreseen_ts,
        {{ add_seconds("parts.due_out_ts", "-coalesce(hours.work_seconds, nodes.work_seconds)") }} as last_start_ts,
        parts._file_digest,
        parts._line
    from parts
    left join process_times as hours
        on
            parts.location_id = hours.location_id
            and parts.period_no = hours.period_no
            and parts.assigned_hour = hours.hour_no
    left join process_times as nodes
        on parts.location_id = nodes.location_id and parts.period_no = nodes.period_no and nodes.hour_no = -1
    where
        parts.assigned_ts < parts.due_out_ts
        and coalesce(hours.total_seconds, nodes.total_seconds) is not null

),

risks as (

    select
        *,
        case
            when foreseen_ts > cutoff_ts then assigned_ts
            when last_start_ts < begun_ts then greatest(last_start_ts, assigned_ts)
        end as waiting_risk_ts,
        case when pick_started_ts < out_ts and last_start_ts < pick_started_ts then pick_started_ts end
            as working_risk_ts
    from timed
    where assigned_ts < out_ts

),

spans as (

    select
        *,
        case
            when waiting_risk_ts < begun_ts then waiting_risk_ts
            else working_risk_ts
        end as risk_from_ts,
        case
            when working_risk_ts is not null then out_ts
            else begun_ts
        end as risk_until_ts
    from risks

),

risky_cutoffs as (

    select
        location_id,
        carrier,
        cutoff_ts
    from spans
    where risk_from_ts is not null
    group by location_id, carrier, cutoff_ts

)

select
    spans.fulfilment_line_id,
    spans.order_id,
    spans.order_line_key,
    spans.location_id,
    spans.location,
    spans.node_region,
    spans.carrier,
    spans.cutoff_ts,
    spans.requested_qty,
    spans.assigned_ts as unpacked_from_ts,
    spans.out_ts as unpacked_until_ts,
    spans.risk_from_ts,
    case when spans.risk_from_ts is not null then spans.risk_until_ts end as risk_until_ts,
    spans._file_digest,
    spans._line
from spans
inner join risky_cutoffs
    on
        spans.location_id = risky_cutoffs.location_id
        and spans.carrier = risky_cutoffs.carrier
        and spans.cutoff_ts = risky_cutoffs.cutoff_ts
