-- Grain: one message that units of an order line were not found, by an order event or by the state of a pickup.
{{ config(contract={"enforced": false}) }}

select
    order_line_key,
    location_id,
    'event ' || event_id as told_key,
    event_ts,
    quantity,
    first_received_ts,
    'order_event' as evidence_entity,
    _file_digest,
    _line
from {{ ref("fct_order_event") }}
where event_type = 'item_not_found' and order_line_key is not null
union all
select
    {{ line_key("order_id", "line_no") }} as order_line_key,
    location_id,
    'task ' || location_id || ' ' || cast(version_no as string) as told_key,
    updated_ts as event_ts,
    greatest(requested_qty - ready_qty, 0) as quantity,
    received_ts as first_received_ts,
    'pickup_task' as evidence_entity,
    _file_digest,
    _line
from {{ source("raw", "pickup_task") }}
where status_code = 'not_found'
