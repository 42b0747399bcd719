-- Grain: one moment at which an order line that was short was given units: assigned to a node (re-allocated), found by
-- one, replaced after a damage; or needed them no more: cancelled, substituted, or backordered with a date.
{{ config(contract={"enforced": false}) }}

with replacements as (

    select
        damages.order_line_key,
        damages.movement_id,
        min(steps.updated_ts) as event_ts,
        {{ min_by_keys("steps.received_ts", ["steps.updated_ts", "steps.version_no"]) }} as known_ts,
        -- What a later version found again is told by that version.
        damages.damaged_qty - {{ min_by_keys(
            "steps.live_qty - coalesce(steps.earlier_qty, steps.live_qty)", ["steps.updated_ts", "steps.version_no"]
        ) }} as given_qty
    from {{ ref("int_control__damaged_part") }} as damages
    inner join {{ ref("int_control__part_step") }} as steps
        on damages.fulfilment_line_id = steps.fulfilment_line_id and damages.event_ts < steps.updated_ts
    where steps.status_code not in ('assigned', 'cancelled', 'rejected') and steps.live_qty >= steps.requested_qty
    group by damages.movement_id, damages.order_line_key, damages.damaged_qty

)

select
    order_line_key,
    case when earlier_qty is null then 're-allocated' else 'found' end as gift_kind,
    fulfilment_line_id || '|' || cast(version_no as string) as gift_key,
    case when earlier_qty is null then assigned_ts else updated_ts end as event_ts,
    received_ts as known_ts,
    -- A part whose first version tells at once that it was refused or short was assigned all the same.
    case when earlier_qty is null then requested_qty else live_qty - earlier_qty end as given_qty
from {{ ref("int_control__part_step") }}
where earlier_qty is null or live_qty > earlier_qty
union all
select
    order_line_key,
    'replaced' as gift_kind,
    movement_id as gift_key,
    event_ts,
    known_ts,
    given_qty
from replacements
where given_qty > 0
union all
select
    events.order_line_key,
    case when events.event_type = 'backordered' then 'backordered with a date' else 'substituted' end as gift_kind,
    events.event_id as gift_key,
    events.event_ts,
    events.first_received_ts as known_ts,
    coalesce(events.quantity, lines.ordered_qty) as given_qty
from {{ ref("fct_order_event") }} as events
inner join {{ ref("int_control__short_line") }} as lines on events.order_line_key = lines.order_line_key
where
    events.event_type = 'substituted'
    or (events.event_type = 'backordered' and events.planned_ts is not null)
union all
select
    cancellations.order_line_key,
    'cancelled' as gift_kind,
    cancellations.cancellation_key as gift_key,
    cancellations.event_ts,
    cancellations.first_received_ts as known_ts,
    cancellations.cancelled_qty as given_qty
from {{ ref("fct_cancellation") }} as cancellations
inner join {{ ref("int_control__short_line") }} as lines on cancellations.order_line_key = lines.order_line_key
