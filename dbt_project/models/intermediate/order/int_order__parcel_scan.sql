-- One row a parcel of a shipment with carrier scans: its first delivery, its first attempt and how it ended, its last
-- scan and whether it came back. An attempt that failed because the customer was absent or refused is no failure.
{% set attempts = "event_type in ('attempted', 'delivered', 'refused')" %}
select
    shipment_id,
    parcel_id,
    min(event_ts) filter (where event_type = 'delivered') as delivered_ts,
    {{ min_by_keys('first_received_ts', ['event_ts', 'first_received_ts'], where="event_type = 'delivered'") }}
        as delivered_received_ts,
    min(event_ts) filter (where {{ attempts }}) as first_attempt_ts,
    {{ min_by_keys(
        "case when event_type = 'attempted' and coalesce(reason_code, 'other') not in ('absent', 'refused') "
        ~ "then 'failed' else 'made' end",
        ['event_ts', 'event_id'], where=attempts
    ) }} as first_attempt_code,
    {{ max_by_keys('event_type', ['event_ts', 'event_id']) }} as last_event_type,
    max(event_ts) as last_event_ts,
    {{ max_by_keys('carrier_id', ['event_ts', 'event_id']) }} as last_carrier_id,
    min(event_ts) filter (where reason_code = 'address') as address_fault_ts,
    bool_or(event_type = 'returned_to_sender') as is_returned_to_sender
from {{ ref('stg_carrier__shipment_event') }}
group by shipment_id, parcel_id
