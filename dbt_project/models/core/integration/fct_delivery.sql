-- Grain: one delivery that the contract of an entity expects for a business day. Rows add up over deliveries;
-- lateness does not.
with

files as (
    select
        *,
        row_number() over (
            partition by entity, business_date order by file_received_ts, file_digest
        ) as arrival_no
    from {{ ref('fct_landing_file') }}
    where is_scheduled and business_date is not null
),

arrived as (
    select
        entity,
        business_date,
        max(file_digest) filter (where arrival_no = 1) as first_file_digest,
        max(file_name) filter (where arrival_no = 1) as first_file_name,
        min(file_received_ts) as first_file_received_ts,
        max(status_code) filter (where arrival_no = 1) as first_file_status_code,
        max(rows_quarantined) filter (where arrival_no = 1) as first_rows_quarantined,
        min(file_received_ts) filter (where status_code = 'landed') as landed_ts,
        {{ whole('sum(rows_read)') }} as rows_read,
        {{ whole('sum(rows_quarantined)') }} as rows_quarantined
    from files
    group by entity, business_date
)

select
    expected.entity,
    expected.business_date,
    expected.feed_id,
    expected.system_code,
    expected.process_code as process,
    expected.owner_name,
    expected.due_ts,
    expected.grace_minutes,
    expected.deadline_ts,
    expected.deadline_ts <= {{ as_of() }} as is_due,
    arrived.first_file_digest,
    arrived.first_file_name,
    arrived.first_file_received_ts,
    arrived.first_file_status_code,
    arrived.landed_ts,
    arrived.landed_ts is not null as is_landed,
    coalesce(arrived.landed_ts <= expected.deadline_ts, false) as is_on_time,
    coalesce(arrived.first_file_status_code = 'landed' and arrived.first_rows_quarantined = 0, false) as is_clean,
    coalesce(
        arrived.landed_ts <= expected.deadline_ts
        and arrived.first_file_status_code = 'landed'
        and arrived.first_rows_quarantined = 0,
        false
    ) as is_on_time_and_clean,
    coalesce(arrived.rows_read, 0) as rows_read,
    coalesce(arrived.rows_quarantined, 0) as rows_quarantined,
    expected.entity as interface,
    expected.entity as source_entity,
    arrived.first_file_digest as _file_digest,
    cast(null as bigint) as _line,
    arrived.first_file_received_ts as received_ts
from {{ ref('int_integration__expected_delivery') }} as expected
left join arrived
    on
        expected.entity = arrived.entity
        and expected.business_date = arrived.business_date
