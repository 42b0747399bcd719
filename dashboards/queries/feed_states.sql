-- Every contracted feed and its state: late when the control that watches feeds has an open exception on it.
with landed as (
    select
        entity,
        max(received_ts) as last_received_ts,
        max(business_date) as last_business_date,
        count(*) as files,
        sum(rows_read)::bigint as rows_read,
        sum(rows_quarantined)::bigint as rows_quarantined,
        bool_or(is_scheduled) as is_scheduled
    from landing_file
    group by entity
),

overdue as (
    select
        split_part(business_key, '|', 1) as entity,
        min(opened_ts) as late_since_ts,
        count(*) as late_deliveries
    from fct_exception
    where code = 'E65h' and status_code = 'open'
    group by all
)

select
    feed_contract.feed_id,
    feed_contract.entity,
    feed_contract.system_code,
    feed_contract.process_code,
    feed_contract.owner_name,
    feed_contract.steward_name,
    feed_contract.description,
    feed_contract.frequency_days,
    feed_contract.due_time,
    feed_contract.grace_minutes,
    landed.last_business_date,
    landed.last_received_ts,
    landed.files,
    landed.rows_read,
    landed.rows_quarantined,
    overdue.late_since_ts,
    overdue.late_deliveries,
    epoch($as_of::timestamp) - epoch(landed.last_received_ts) as age_seconds,
    case
        when landed.files is null then 'never'
        when overdue.entity is not null then 'late'
        when not landed.is_scheduled then 'once'
        else 'on_time'
    end as state_code
from feed_contract
left join landed on feed_contract.entity = landed.entity
left join overdue on feed_contract.entity = overdue.entity
order by feed_contract.feed_id, feed_contract.entity
