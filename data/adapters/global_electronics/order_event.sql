-- Grain: one row a line of a web order that was delivered. Only the day of the delivery is known; it counts as that day's midnight,
-- as the day of the order does, so that their difference is whole days.
select
    _file_digest,
    _line,
    concat('delivered-', "Order Number", '-', "Line Item") as event_id,
    "Order Number" as order_id,
    "Line Item" as line_no,
    'delivered' as event_type,
    coalesce(cast(try_strptime("Delivery Date", ['%m/%d/%Y', '%m-%d-%Y']) as varchar), "Delivery Date") as event_ts,
    Quantity as quantity,
    'carrier' as actor_type,
    'progress' as event_class
from {{ sales }}
where StoreKey = '0'
    and nullif(trim("Delivery Date"), '') is not null
