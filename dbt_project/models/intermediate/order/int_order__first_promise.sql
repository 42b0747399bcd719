-- One row an order line with a first promise: the latest version that the customer asked for, else version 1. A
-- line whose version 1 is not known and that the customer did not change has no first promise: its first word is
-- not known.
with

candidates as (
    select
        *,
        row_number() over (partition by order_id, line_no order by promise_version desc) as choice
    from {{ ref('stg_oms__promise') }}
    where promise_version = 1 or requested_by_code = 'customer'
)

select
    {{ line_key('order_id', 'line_no') }} as order_line_key,
    promise_version as first_promise_version,
    issued_ts as first_promise_issued_ts,
    promise_earliest_ts as first_promise_earliest_ts,
    promise_latest_ts as first_promise_latest_ts,
    first_received_ts as first_promise_received_ts
from candidates
where choice = 1
