-- One row a return line with events: when it was received, inspected and disposed of.
select
    {{ line_key('return_id', 'line_no') }} as return_key,
    max(event_ts) filter (where event_type = 'received') as goods_received_ts,
    max(first_received_ts) filter (where event_type = 'received') as goods_received_known_ts,
    {{ whole("coalesce(sum(quantity) filter (where event_type = 'received'), 0)") }} as received_qty,
    {{ max_by_keys('location_id', ['event_ts', 'event_id'], where="event_type = 'received'") }}
        as received_location_id,
    min(event_ts) filter (where event_type = 'inspected') as inspected_ts,
    {{ min_by_keys('first_received_ts', ['event_ts', 'first_received_ts'], where="event_type = 'inspected'") }}
        as inspected_known_ts,
    {{ max_by_keys('result_code', ['event_ts', 'event_id'], where="event_type = 'inspected'") }}
        as inspection_result_code,
    min(event_ts) filter (where event_type = 'inspected' and result_code = 'accepted') as accepted_inspection_ts,
    {{ max_by_keys('condition_code', ['event_ts', 'event_id'], where="event_type = 'inspected'") }} as condition_code,
    max(event_ts) filter (where event_type = 'available') as available_ts,
    max(event_ts) filter (where event_type = 'disposed') as disposed_ts,
    {{ max_by_keys('disposition_code', ['event_ts', 'event_id'], where="event_type = 'disposed'") }}
        as disposition_code,
    {{ whole("coalesce(sum(quantity) filter (where event_type = 'disposed'), 0)") }} as disposed_qty
from {{ ref('stg_wms__return_event') }}
group by return_id, line_no
