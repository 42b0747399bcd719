-- Grain: one row an order; orders that were never picked are kept, they are open. The customer's own purchase-order number is
-- repeated on other orders, so the order's number is its external key. The table holds no amounts; the lines do.
select
    o._file_digest,
    o._line,
    cast(o.OrderID as varchar) as order_id,
    cast(o.OrderID as varchar) as external_order_key,
    coalesce(g.CustomerCategoryName, 'UNKNOWN') as channel_id,
    'wholesale' as order_type,
    timezone('America/Los_Angeles', o.OrderDate) at time zone 'UTC' as order_ts,
    cast(o.CustomerID as varchar) as customer_id,
    'USD' as currency_code,
    false as prices_include_tax,
    false as is_test,
    1 as version_no,
    timezone('America/Los_Angeles', o.LastEditedWhen) at time zone 'UTC' as updated_ts
from {{ orders }} as o
left join {{ customers }} as c
    on o.CustomerID = c.CustomerID
left join {{ customer_categories }} as g
    on c.CustomerCategoryID = g.CustomerCategoryID
