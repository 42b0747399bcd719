-- Grain: one order line picked up in a store. Since when every task of the line has been ready with the
-- customer told, and when that was first known: the latest version alone would forget it, and a pickup that
-- expired was ready all the same. A task that a store gave back does not count.
{{ config(contract={"enforced": false}) }}

with versions as (

    select * from {{ source("raw", "pickup_task") }}

),

tasks as (

    select
        order_id,
        line_no,
        location_id,
        {{ max_by_keys("status_code", ["version_no", "status_code"]) }} as status_code,
        max(greatest(ready_ts, notified_ts)) filter (where ready_ts is not null and notified_ts is not null) as told_ts,
        min(received_ts) filter (where ready_ts is not null and notified_ts is not null) as known_ts
    from versions
    group by order_id, line_no, location_id

)

select
    {{ line_key("order_id", "line_no") }} as order_line_key,
    case when count(*) = count(told_ts) then max(told_ts) end as told_ts,
    case when count(*) = count(told_ts) then max(known_ts) end as told_known_ts
from tasks
where told_ts is not null or status_code not in ('cancelled', 'not_found')
group by order_id, line_no
