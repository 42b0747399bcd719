-- Grain: one row an order that has a backorder. What was short stands on the backorder, an order of its own, and no longer on
-- this one; so the event names neither line nor quantity. It is made when the order's picking is closed.
select
    _file_digest,
    _line,
    concat('backordered-', OrderID) as event_id,
    cast(OrderID as varchar) as order_id,
    'backordered' as event_type,
    timezone('America/Los_Angeles', coalesce(PickingCompletedWhen, LastEditedWhen)) at time zone 'UTC' as event_ts,
    'WWI' as location_id,
    'human' as actor_type,
    cast(cast(PickedByPersonID as bigint) as varchar) as actor_id,
    'exception' as event_class,
    'no_stock' as reason_code
from {{ orders }}
where BackorderOrderID is not null
