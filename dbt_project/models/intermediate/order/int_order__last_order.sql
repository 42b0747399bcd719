-- One row: when the last order of this home was placed, in any version.
select max(order_ts) as last_order_ts
from {{ source('raw', 'sales_order') }}
