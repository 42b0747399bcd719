-- Grain: one row an order line. The expected delivery date of the order, given as a date, ends with that day at the warehouse.
with lines as (
    select
        *,
        row_number() over (partition by OrderID order by OrderLineID) as line_no
    from {{ order_lines }}
)

select
    l._file_digest,
    l._line,
    cast(l.OrderID as varchar) as order_id,
    l.line_no,
    1 as promise_version,
    timezone('America/Los_Angeles', o.OrderDate) at time zone 'UTC' as issued_ts,
    timezone('America/Los_Angeles', o.ExpectedDeliveryDate + interval 1 day - interval 1 second) at time zone 'UTC'
        as promise_latest_ts,
    'retailer' as requested_by_code
from lines as l
inner join {{ orders }} as o
    on l.OrderID = o.OrderID
where o.ExpectedDeliveryDate is not null
