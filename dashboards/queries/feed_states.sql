-- Every contracted feed and its state, by the open exceptions of the control that watches feeds: late when a delivery is
-- overdue and nothing newer has come, a gap when something newer has.
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

missing as (
    select
        split_part(fct_exception.business_key, '|', 1) as entity,
        cast(split_part(fct_exception.business_key, '|', 2) as date) as business_date,
        fct_exception.opened_ts
    from fct_exception
    where fct_exception.code = 'E65h' and fct_exception.status_code = 'open'
),

overdue as (
    select
        missing.entity,
        count(*) as missing,
        min(missing.opened_ts) filter (
            where missing.business_date > coalesce(landed.last_business_date, date '0001-01-01')
        ) as late_since_ts
    from missing
    left join landed on missing.entity = landed.entity
    group by missing.entity
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
    overdue.missing,
    epoch($as_of::timestamp) - epoch(landed.last_received_ts) as age_seconds,
    case
        when landed.files is null then 'never'
        when overdue.late_since_ts is not null then 'late'
        when overdue.entity is not null then 'gap'
        when not landed.is_scheduled then 'once'
        else 'on_time'
    end as state_code
from feed_contract
left join landed on feed_contract.entity = landed.entity
left join overdue on feed_contract.entity = overdue.entity
order by feed_contract.feed_id, feed_contract.entity
