-- Grain: one moment at which an order line came to lack units: those that were ordered, and those that a part of it
-- lost (cancelled or rejected by its node, short), or that were damaged or told of as not found. A unit that is told
-- of as damaged and picked short afterwards is one; what was told of as not found where a pick was short is the
-- pick's.
{{ config(contract={"enforced": false}) }}

with damaged_before as (

    select
        steps.fulfilment_line_id,
        steps.version_no,
        sum(damages.damaged_qty) as damaged_qty
    from {{ ref("int_control__part_step") }} as steps
    inner join {{ ref("int_control__damaged_part") }} as damages
        on steps.fulfilment_line_id = damages.fulfilment_line_id and steps.updated_ts >= damages.event_ts
    group by steps.fulfilment_line_id, steps.version_no

),

part_losses as (

    select
        steps.*,
        -- A part whose first version tells at once that it was refused or short was assigned all the same.
        coalesce(steps.earlier_qty, steps.requested_qty) - steps.live_qty - case
            when steps.status_code in ('rejected', 'cancelled') or steps.earlier_qty is null then 0
            else coalesce(damaged_before.damaged_qty, 0)
        end as lost_qty
    from {{ ref("int_control__part_step") }} as steps
    left join damaged_before
        on
            steps.fulfilment_line_id = damaged_before.fulfilment_line_id
            and steps.version_no = damaged_before.version_no

),

not_found as (

    select
        told.*,
        row_number() over (
            partition by told.order_line_key, told.location_id order by told.event_ts, told.told_key, told._file_digest
        ) as choice_rank
    from {{ ref("int_control__told_not_found") }} as told
    left join (
        select distinct
            order_line_key,
            location_id
        from {{ ref("int_control__part_step") }}
        where status_code <> 'cancelled' and live_qty < requested_qty
    ) as picked on told.order_line_key = picked.order_line_key and told.location_id = picked.location_id
    where picked.order_line_key is null

)

select
    order_line_key,
    'ordered' as loss_kind,
    'ordered' as loss_key,
    order_ts as event_ts,
    first_received_ts as known_ts,
    ordered_qty as lost_qty,
    cast(null as string) as fulfilment_line_id,
    location_id,
    cast(null as string) as evidence_entity,
    _file_digest,
    _line
from {{ ref("int_control__short_line") }}
union all
select
    order_line_key,
    case when status_code in ('rejected', 'cancelled') then status_code else 'short' end as loss_kind,
    fulfilment_line_id || '|' || cast(version_no as string) as loss_key,
    updated_ts as event_ts,
    received_ts as known_ts,
    lost_qty,
    fulfilment_line_id,
    location_id,
    'fulfilment_line' as evidence_entity,
    _file_digest,
    _line
from part_losses
where lost_qty > 0
union all
select
    damages.order_line_key,
    'damaged' as loss_kind,
    damages.movement_id as loss_key,
    damages.event_ts,
    damages.first_received_ts as known_ts,
    damages.damaged_qty as lost_qty,
    damages.fulfilment_line_id,
    damages.location_id,
    'inventory_movement' as evidence_entity,
    damages._file_digest,
    damages._line
from {{ ref("int_control__damaged_part") }} as damages
inner join {{ ref("int_control__short_line") }} as lines on damages.order_line_key = lines.order_line_key
union all
select
    not_found.order_line_key,
    'not_found' as loss_kind,
    not_found.told_key as loss_key,
    not_found.event_ts,
    not_found.first_received_ts as known_ts,
    coalesce(not_found.quantity, lines.ordered_qty) as lost_qty,
    cast(null as string) as fulfilment_line_id,
    not_found.location_id,
    not_found.evidence_entity,
    not_found._file_digest,
    not_found._line
from not_found
inner join {{ ref("int_control__short_line") }} as lines on not_found.order_line_key = lines.order_line_key
where not_found.choice_rank = 1
