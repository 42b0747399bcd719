-- Grain: one order line picked up in a store. When every task of the line first said, with ready and
-- notified both set, that the customer can come; the latest version alone would forget when that was known.
{{ config(contract={"enforced": false}) }}

with versions as (

    select * from {{ source("raw", "pickup_task") }}

),

tasks as (

    select
        order_id,
        line_no,
        location_id,
        min(received_ts) filter (where ready_ts is not null and notified_ts is not null) as told_known_ts
    from versions
    group by order_id, line_no, location_id

)

select
    {{ line_key("order_id", "line_no") }} as order_line_key,
    case when count(*) = count(told_known_ts) then max(told_known_ts) end as told_known_ts
from tasks
group by order_id, line_no
