-- One row an interface of the integration layer.
select
    interface_id,
    source_system,
    target_system,
    object_type,
    sla_seconds,
    process_code,
    owner_name,
    received_ts
from {{ ref('stg_integration__interface') }}
