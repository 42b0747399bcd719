-- Grain: one moment at which units of a part of an order line were refused by its node (rejected), not found by
-- a closed pick (short), told of as not found without such a pick (not_found), or reported damaged (damaged),
-- with the moment at which the line lacked them no more. A line's account: it lacks what was ordered and what
-- its parts lost, in order of time; it gets what is assigned, found, replaced, cancelled, substituted or
-- backordered with a date. What was lacking first is filled first.
{{ config(contract={"enforced": false}) }}

with damages as (

    select
        movements.movement_id,
        parts.fulfilment_line_id,
        parts.order_line_key,
        movements.location_id,
        -movements.quantity as damaged_qty,
        movements.event_ts,
        movements.first_received_ts,
        movements._file_digest,
        movements._line,
        row_number() over (partition by movements.movement_id order by parts.assigned_ts, parts.fulfilment_line_id)
            as choice_rank
    from {{ ref("fct_stock_movement") }} as movements
    inner join {{ ref("fct_fulfilment_line") }} as parts
        on
            movements.reference_id = parts.order_id
            and movements.location_id = parts.location_id
            and movements.sku = parts.sku
            and movements.event_ts >= parts.assigned_ts
    where
        movements.movement_type = 'adjustment'
        and movements.reason_code = 'damage'
        and movements.reference_type = 'order'
        and movements.state_code = 'sellable'
        and movements.quantity < 0

),

told as (

    select
        order_line_key,
        location_id,
        'event ' || event_id as told_key,
        event_ts,
        quantity,
        first_received_ts,
        _file_digest,
        _line
    from {{ ref("fct_order_event") }}
    where event_type = 'item_not_found' and order_line_key is not null
    union all
    select
        {{ line_key("order_id", "line_no") }} as order_line_key,
        location_id,
        'task ' || cast(version_no as string) as told_key,
        updated_ts as event_ts,
        greatest(requested_qty - ready_qty, 0) as quantity,
        received_ts as first_received_ts,
        _file_digest,
        _line
    from {{ source("raw", "pickup_task") }}
    where status_code = 'not_found'

),

short_lines as (

    select {{ line_key("order_id", "line_no") }} as order_line_key
    from {{ source("raw", "fulfilment_line") }}
    where
        status_code in ('rejected', 'short')
        or (status_code not in ('assigned', 'cancelled') and greatest(picked_qty, shipped_qty) < requested_qty)
    union
    select order_line_key from damages
    union
    select order_line_key from told

),

lines as (

    select lines.*
    from {{ ref("fct_order_line") }} as lines
    inner join short_lines on lines.order_line_key = short_lines.order_line_key
    where lines.is_unit_scope

),

versions as (

    select
        versions.*,
        lines.order_line_key,
        case
            when versions.status_code = 'assigned' then versions.requested_qty
            when versions.status_code in ('rejected', 'cancelled') then 0
            else least(versions.requested_qty, greatest(versions.picked_qty, versions.shipped_qty))
        end as live_qty,
        row_number() over (
            partition by versions.fulfilment_line_id, versions.version_no
            order by versions.received_ts, versions._file_digest, versions._line
        ) as copy_no
    from {{ source("raw", "fulfilment_line") }} as versions
    inner join lines on versions.order_id = lines.order_id and versions.line_no = lines.line_no

),

steps as (

    select
        *,
        lag(live_qty) over (partition by fulfilment_line_id order by version_no) as earlier_qty
    from versions
    where copy_no = 1

),

damaged_before as (

    select
        steps.fulfilment_line_id,
        steps.version_no,
        sum(damages.damaged_qty) as damaged_qty
    from steps
    inner join damages
        on
            steps.fulfilment_line_id = damages.fulfilment_line_id
            and damages.choice_rank = 1
            and steps.updated_ts >= damages.event_ts
    group by steps.fulfilment_line_id, steps.version_no

),

replacements as (

    select
        damages.movement_id,
        damages.order_line_key,
        -- What a later version found again is told by that version.
        greatest(
            damages.damaged_qty - {{ min_by_keys(
                "steps.live_qty - coalesce(steps.earlier_qty, steps.live_qty)", ["steps.updated_ts", "steps.version_no"]
            ) }},
            0
        ) as replaced_qty,
        min(steps.updated_ts) as event_ts,
        {{ min_by_keys("steps.received_ts", ["steps.updated_ts", "steps.version_no"]) }} as first_received_ts
    from damages
    inner join steps on damages.fulfilment_line_id = steps.fulfilment_line_id and damages.event_ts < steps.updated_ts
    where
        damages.choice_rank = 1
        and steps.status_code not in ('assigned', 'cancelled', 'rejected')
        and steps.live_qty >= steps.requested_qty
    group by damages.movement_id, damages.order_line_key, damages.damaged_qty

),

not_found as (

    select
        told.*,
        row_number() over (
            partition by told.order_line_key, told.location_id order by told.event_ts, told.told_key, told._file_digest
        ) as choice_rank
    from told
    left join (
        select distinct
            order_line_key,
            location_id
        from steps
        where status_code <> 'cancelled' and live_qty < requested_qty
    ) as picked on told.order_line_key = picked.order_line_key and told.location_id = picked.location_id
    where picked.order_line_key is null

),

account as (

    select
        order_line_key,
        'ordered' as entry_kind,
        0 as entry_rank,
        'ordered' as entry_key,
        order_ts as event_ts,
        ordered_qty as lacking_qty,
        0 as given_qty,
        first_received_ts as known_ts,
        cast(null as string) as fulfilment_line_id,
        location_id,
        cast(null as string) as evidence_entity,
        _file_digest,
        _line
    from lines
    union all
    select
        order_line_key,
        case
            when earlier_qty is null then 're-allocated'
            when live_qty > earlier_qty then 'found'
            when status_code in ('rejected', 'cancelled') then status_code
            else 'short'
        end as entry_kind,
        case when earlier_qty > live_qty then 1 else 2 end as entry_rank,
        fulfilment_line_id || '|' || cast(version_no as string) as entry_key,
        case when earlier_qty is null then assigned_ts else updated_ts end as event_ts,
        greatest(
            coalesce(earlier_qty, 0) - live_qty
            - case when status_code in ('rejected', 'cancelled') then 0 else coalesce(damaged_qty, 0) end,
            0
        ) as lacking_qty,
        greatest(live_qty - coalesce(earlier_qty, 0), 0) as given_qty,
        received_ts as known_ts,
        fulfilment_line_id,
        location_id,
        'fulfilment_line' as evidence_entity,
        _file_digest,
        _line
    from (
        select
            steps.*,
            damaged_before.damaged_qty
        from steps
        left join damaged_before
            on
                steps.fulfilment_line_id = damaged_before.fulfilment_line_id
                and steps.version_no = damaged_before.version_no
        where steps.live_qty is distinct from steps.earlier_qty
    ) as changed
    union all
    -- A part whose first version tells at once that it was refused or short was assigned all the same.
    select
        order_line_key,
        case when status_code in ('rejected', 'cancelled') then status_code else 'short' end as entry_kind,
        1 as entry_rank,
        fulfilment_line_id || '|' || cast(version_no as string) as entry_key,
        updated_ts as event_ts,
        requested_qty - live_qty as lacking_qty,
        requested_qty - live_qty as given_qty,
        received_ts as known_ts,
        fulfilment_line_id,
        location_id,
        'fulfilment_line' as evidence_entity,
        _file_digest,
        _line
    from steps
    where earlier_qty is null and live_qty < requested_qty
    union all
    select
        damages.order_line_key,
        'damaged' as entry_kind,
        1 as entry_rank,
        damages.movement_id as entry_key,
        damages.event_ts,
        damages.damaged_qty as lacking_qty,
        0 as given_qty,
        damages.first_received_ts as known_ts,
        damages.fulfilment_line_id,
        damages.location_id,
        'inventory_movement' as evidence_entity,
        damages._file_digest,
        damages._line
    from damages
    inner join lines on damages.order_line_key = lines.order_line_key
    where damages.choice_rank = 1
    union all
    select
        order_line_key,
        'replaced' as entry_kind,
        2 as entry_rank,
        movement_id as entry_key,
        event_ts,
        0 as lacking_qty,
        replaced_qty as given_qty,
        first_received_ts as known_ts,
        cast(null as string) as fulfilment_line_id,
        cast(null as string) as location_id,
        cast(null as string) as evidence_entity,
        cast(null as string) as _file_digest,
        cast(null as bigint) as _line
    from replacements
    union all
    select
        not_found.order_line_key,
        'not_found' as entry_kind,
        1 as entry_rank,
        not_found.told_key as entry_key,
        not_found.event_ts,
        coalesce(not_found.quantity, lines.ordered_qty) as lacking_qty,
        0 as given_qty,
        not_found.first_received_ts as known_ts,
        cast(null as string) as fulfilment_line_id,
        not_found.location_id,
        case when not_found.told_key like 'task %' then 'pickup_task' else 'order_event' end as evidence_entity,
        not_found._file_digest,
        not_found._line
    from not_found
    inner join lines on not_found.order_line_key = lines.order_line_key
    where not_found.choice_rank = 1
    union all
    select
        events.order_line_key,
        case when events.event_type = 'backordered' then 'backordered with a date' else 'substituted' end as entry_kind,
        2 as entry_rank,
        events.event_id as entry_key,
        events.event_ts,
        0 as lacking_qty,
        coalesce(events.quantity, lines.ordered_qty) as given_qty,
        events.first_received_ts as known_ts,
        cast(null as string) as fulfilment_line_id,
        cast(null as string) as location_id,
        cast(null as string) as evidence_entity,
        cast(null as string) as _file_digest,
        cast(null as bigint) as _line
    from {{ ref("fct_order_event") }} as events
    inner join lines on events.order_line_key = lines.order_line_key
    where
        events.event_type = 'substituted'
        or (events.event_type = 'backordered' and events.planned_ts is not null)
    union all
    select
        cancellations.order_line_key,
        'cancelled' as entry_kind,
        2 as entry_rank,
        cancellations.cancellation_key as entry_key,
        cancellations.event_ts,
        0 as lacking_qty,
        cancellations.cancelled_qty as given_qty,
        cancellations.first_received_ts as known_ts,
        cast(null as string) as fulfilment_line_id,
        cast(null as string) as location_id,
        cast(null as string) as evidence_entity,
        cast(null as string) as _file_digest,
        cast(null as bigint) as _line
    from {{ ref("fct_cancellation") }} as cancellations
    inner join lines on cancellations.order_line_key = lines.order_line_key

),

running as (

    select
        *,
        cast(sum(lacking_qty) over so_far as bigint) as lacked_until_qty,
        cast(sum(given_qty) over so_far as bigint) as given_until_qty,
        max(case when given_qty > 0 then known_ts end) over so_far as given_known_ts
    from account
    window so_far as (
        partition by order_line_key
        order by event_ts, entry_rank, entry_key
        rows between unbounded preceding and current row
    )

),

fillings as (

    select
        shortages.order_line_key,
        shortages.entry_key,
        min(gifts.event_ts) as ended_ts,
        {{ min_by_keys("gifts.given_known_ts", ["gifts.event_ts", "gifts.given_until_qty", "gifts.entry_key"]) }}
            as ended_known_ts,
        {{ min_by_keys("gifts.entry_kind", ["gifts.event_ts", "gifts.given_until_qty", "gifts.entry_key"]) }}
            as ended_reason
    from running as shortages
    inner join running as gifts
        on
            shortages.order_line_key = gifts.order_line_key
            and shortages.lacked_until_qty <= gifts.given_until_qty
    where shortages.lacking_qty > 0 and gifts.given_qty > 0
    group by shortages.order_line_key, shortages.entry_key

)

select
    running.order_line_key,
    running.entry_key as shortage_key,
    running.entry_kind as shortage_kind,
    running.fulfilment_line_id,
    running.location_id,
    running.lacking_qty as missing_qty,
    running.event_ts as short_ts,
    running.known_ts as short_known_ts,
    {{ control_first_ending([
        ["fillings.ended_ts", "fillings.ended_known_ts", "fillings.ended_reason"],
        [
            "lines.closed_ts",
            greatest_ts("lines.completed_received_ts", "lines.cancelled_received_ts"),
            "'line completed'",
        ],
    ]) }},
    running.evidence_entity,
    running._file_digest,
    running._line
from running
inner join lines on running.order_line_key = lines.order_line_key
left join fillings on running.order_line_key = fillings.order_line_key and running.entry_key = fillings.entry_key
where running.entry_kind in ('rejected', 'short', 'not_found', 'damaged') and running.lacking_qty > 0
