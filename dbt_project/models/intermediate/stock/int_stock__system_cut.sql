-- One row a cut, location and system that is not its system of record, where both gave a snapshot: what is compared
-- with what, and whether an absent item means zero on either side.
with

cuts as (
    select
        snapshot_ts,
        location_id,
        system_code,
        is_system_of_record,
        bool_or(coverage_code = 'complete') as is_complete,
        min(_file_digest) as _file_digest,
        max(received_ts) as received_ts,
        max(first_received_ts) as first_received_ts
    from {{ ref('fct_stock_snapshot') }}
    group by snapshot_ts, location_id, system_code, is_system_of_record
)

select
    of_record.snapshot_ts,
    {{ reporting_date('of_record.snapshot_ts') }} as cut_date,
    of_record.location_id,
    of_record.system_code as system_a,
    other.system_code as system_b,
    of_record.is_complete as is_complete_a,
    other.is_complete as is_complete_b,
    interfaces.interface_id,
    other._file_digest,
    other.received_ts,
    other.first_received_ts
from cuts as of_record
inner join cuts as other
    on
        of_record.snapshot_ts = other.snapshot_ts
        and of_record.location_id = other.location_id
        and not other.is_system_of_record
left join (
    select
        source_system,
        target_system,
        min(interface_id) as interface_id
    from {{ ref('dim_interface') }}
    where object_type = 'stock'
    group by source_system, target_system
) as interfaces
    on
        of_record.system_code = interfaces.source_system
        and other.system_code = interfaces.target_system
where of_record.is_system_of_record
