-- Grain: one entity of a feed: what was expected of it, what came and in which state, as of the build's instant.
-- Counts and rows add up over entities.
with

deliveries as (
    select
        entity,
        {{ whole('count(*) filter (where is_due)') }} as due_count,
        {{ whole('count(*) filter (where is_due and is_on_time_and_clean)') }} as good_count,
        {{ whole('count(*) filter (where is_due and is_landed and not is_on_time)') }} as late_count,
        {{ whole('count(*) filter (where is_due and not is_landed)') }} as missing_count,
        min(deadline_ts) filter (where is_due and not is_landed) as missing_since_ts,
        min(due_ts) filter (where not is_due) as next_due_ts
    from {{ ref('fct_delivery') }}
    group by entity
),

files as (
    select
        entity,
        {{ whole('count(*)') }} as file_count,
        {{ whole("count(*) filter (where status_code = 'quarantined')") }} as quarantined_file_count,
        max(business_date) filter (where status_code = 'landed') as last_business_date,
        max(file_received_ts) as last_received_ts,
        {{ whole('sum(rows_read)') }} as rows_read,
        {{ whole('sum(rows_quarantined)') }} as rows_quarantined
    from {{ ref('fct_landing_file') }}
    group by entity
)

select
    contracts.feed_id,
    contracts.entity,
    contracts.system_code,
    contracts.process_code,
    contracts.owner_name,
    contracts.steward_name,
    coalesce(deliveries.due_count, 0) as due_count,
    coalesce(deliveries.good_count, 0) as good_count,
    coalesce(deliveries.late_count, 0) as late_count,
    coalesce(deliveries.missing_count, 0) as missing_count,
    deliveries.missing_since_ts,
    deliveries.next_due_ts,
    coalesce(files.file_count, 0) as file_count,
    coalesce(files.quarantined_file_count, 0) as quarantined_file_count,
    files.last_business_date,
    files.last_received_ts,
    {{ seconds_between('files.last_received_ts', as_of()) }} as age_seconds,
    coalesce(files.rows_read, 0) as rows_read,
    coalesce(files.rows_quarantined, 0) as rows_quarantined,
    case
        when files.entity is null then 'never'
        when deliveries.entity is null then 'once'
        when deliveries.missing_count > 0 then 'missing'
        when deliveries.late_count > 0 then 'late'
        else 'on_time'
    end as state_code
from {{ source('raw', 'feed_contract') }} as contracts
left join deliveries
    on contracts.entity = deliveries.entity
left join files
    on contracts.entity = files.entity
