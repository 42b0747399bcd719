-- Grain: a stock movement that took sellable units of an order as damaged, with the part of the order that they were
-- of: the first one that the location had been asked for.
{{ config(contract={"enforced": false}) }}

with candidates as (

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

)

select
    movement_id,
    fulfilment_line_id,
    order_line_key,
    location_id,
    damaged_qty,
    event_ts,
    first_received_ts,
    _file_digest,
    _line
from candidates
where choice_rank = 1
