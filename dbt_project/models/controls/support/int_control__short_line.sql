-- Grain: an order line of which some part was refused, picked short, damaged or told of as not found.
{{ config(contract={"enforced": false}) }}

with signs as (

    select {{ line_key("order_id", "line_no") }} as order_line_key
    from {{ source("raw", "fulfilment_line") }}
    where
        status_code in ('rejected', 'short')
        or (status_code not in ('assigned', 'cancelled') and greatest(picked_qty, shipped_qty) < requested_qty)
    union
    select order_line_key from {{ ref("int_control__damaged_part") }}
    union
    select order_line_key from {{ ref("int_control__told_not_found") }}

)

select
    lines.order_line_key,
    lines.order_id,
    lines.line_no,
    lines.location_id,
    lines.ordered_qty,
    lines.order_ts,
    lines.first_received_ts,
    lines.closed_ts,
    {{ greatest_ts("lines.completed_received_ts", "lines.cancelled_received_ts") }} as closed_known_ts,
    lines._file_digest,
    lines._line
from {{ ref("fct_order_line") }} as lines
inner join signs on lines.order_line_key = signs.order_line_key
where lines.is_unit_scope
