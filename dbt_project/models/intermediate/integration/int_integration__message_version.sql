-- One row a message: its place among the messages that carry the same version of the same object, and when its content was in the
-- target. A version overtaken by a later one counts as applied with it.
with

messages as (
    select
        *,
        case
            when applied_ts is not null
                then row_number() over (
                    partition by interface_id, business_key, business_version, applied_ts is null
                    order by applied_ts, message_id
                )
        end as nth_application,
        row_number() over (
            partition by interface_id, business_key, business_version
            order by applied_ts nulls last, sent_ts, message_id
        ) as version_choice,
        count(applied_ts) over (partition by interface_id, business_key, business_version) as application_count
    from {{ ref('stg_integration__integration_message') }}
)

select
    *,
    min(applied_ts) over from_this_version as effective_applied_ts,
    min(applied_known_ts) over from_this_version as effective_applied_known_ts,
    min(applied_ts) over (partition by interface_id, business_key, business_version) as version_applied_ts
from messages
window from_this_version as (
    partition by interface_id, business_key order by business_version desc
    range between unbounded preceding and current row
)
