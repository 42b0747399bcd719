-- Grain: one file of an entity as landed or quarantined. Rows add up over files.
select
    files.file_digest,
    files.entity,
    files.feed_id,
    files.system_code,
    files.file_name,
    files.business_date,
    files.received_ts as file_received_ts,
    files.rows_read,
    files.rows_accepted,
    files.rows_quarantined,
    files.status_code,
    files.is_scheduled,
    files.entity as interface,
    coalesce(contracts.process_code, 'UNKNOWN') as process,
    files.entity as source_entity,
    files.file_digest as _file_digest,
    cast(null as bigint) as _line,
    files.received_ts
from {{ source('raw', 'landing_file') }} as files
left join {{ source('raw', 'feed_contract') }} as contracts
    on files.entity = contracts.entity
