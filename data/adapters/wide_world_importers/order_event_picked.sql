-- Grain: one row an order line whose picking is complete.
with lines as (
    select
        *,
        row_number() over (partition by OrderID order by OrderLineID) as line_no
    from {{ order_lines }}
)

select
    _file_digest,
    _line,
    concat('picked-', OrderLineID) as event_id,
    cast(OrderID as varchar) as order_id,
    line_no,
    'picked' as event_type,
    timezone('America/Los_Angeles', PickingCompletedWhen) at time zone 'UTC' as event_ts,
    PickedQuantity as quantity,
    'WWI' as location_id,
    'human' as actor_type,
    'progress' as event_class
from lines
where PickingCompletedWhen is not null
