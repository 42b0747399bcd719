-- Grain: one code that no contract's list has. Rows add up over codes.
select
    codes.entity,
    codes.column_name,
    codes.code,
    codes.feed_id,
    codes.rows as row_count,
    codes.entity as interface,
    coalesce(contracts.process_code, 'UNKNOWN') as process,
    codes.entity as source_entity,
    codes.file_digest as _file_digest,
    codes.line as _line,
    codes.first_received_ts as received_ts
from {{ source('raw', 'unknown_code') }} as codes
left join {{ source('raw', 'feed_contract') }} as contracts
    on codes.entity = contracts.entity
