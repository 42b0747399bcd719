-- Every contracted feed and its state, by the open exceptions of the control that watches feeds: late when a delivery is
-- overdue and nothing newer has come, a gap when something newer has.
with missing as (
    select
        split_part(business_key, '|', 1) as entity,
        cast(split_part(business_key, '|', 2) as date) as business_date,
        opened_ts
    from fct_exception
    where code = 'E65h' and status_code = 'open'
),

overdue as (
    select
        missing.entity,
        count(*) as missing,
        min(missing.opened_ts) filter (
            where missing.business_date > coalesce(feeds.last_business_date, date '0001-01-01')
        ) as late_since_ts
    from missing
    left join mart_feed_health as feeds on missing.entity = feeds.entity
    group by missing.entity
)

select
    feeds.feed_id,
    feeds.entity,
    feeds.system_code,
    feeds.owner_name,
    feeds.steward_name,
    contracts.frequency_days,
    contracts.due_time,
    contracts.grace_minutes,
    feeds.due_count,
    feeds.good_count,
    feeds.last_business_date,
    feeds.last_received_ts,
    feeds.age_seconds::double as age_seconds,
    feeds.rows_read,
    feeds.rows_quarantined,
    overdue.late_since_ts,
    overdue.missing,
    case
        when feeds.state_code in ('never', 'once') then feeds.state_code
        when overdue.late_since_ts is not null then 'late'
        when overdue.entity is not null then 'gap'
        else 'on_time'
    end as state_code
from mart_feed_health as feeds
inner join feed_contract as contracts on feeds.entity = contracts.entity
left join overdue on feeds.entity = overdue.entity
order by feeds.feed_id, feeds.entity
