-- One row a message: its place among the messages that carry the same version of the same object, and when its
-- content was in the target. A version overtaken by a later one counts as applied with it. In a version, the first
-- applied comes first. receipt_no counts those that the target received.
with

messages as (
    select
        message_id,
        interface_id,
        business_key,
        business_version,
        sent_ts,
        coalesce(target_received_ts, applied_ts) as target_received_ts,
        applied_ts,
        applied_known_ts
    from {{ ref('stg_integration__integration_message') }}
),

sequenced as (
    select
        *,
        lag(business_version) over latest_first as previous_version,
        min(applied_ts) over upto_latest as effective_applied_ts,
        min(applied_known_ts) over upto_latest as effective_applied_known_ts
    from messages
    window
        latest_first as (
            partition by interface_id, business_key
            order by business_version desc, applied_ts nulls last, sent_ts, message_id
        ),
        upto_latest as (
            partition by interface_id, business_key
            order by business_version desc, applied_ts nulls last, sent_ts, message_id
            rows unbounded preceding
        )
),

repeated as (
    select
        interface_id,
        business_key,
        business_version
    from messages
    group by interface_id, business_key, business_version
    having count(*) > 1
),

places as (
    select
        messages.message_id,
        cast(row_number() over in_version as bigint) as place_no,
        cast(row_number() over as_received as bigint) as receipt_no,
        count(messages.applied_ts) over in_whole_version as application_count,
        min(messages.applied_ts) over in_whole_version as version_applied_ts
    from messages
    inner join repeated
        on
            messages.interface_id = repeated.interface_id
            and messages.business_key = repeated.business_key
            and messages.business_version = repeated.business_version
    window
        in_whole_version as (
            partition by messages.interface_id, messages.business_key, messages.business_version
        ),
        in_version as (
            partition by messages.interface_id, messages.business_key, messages.business_version
            order by messages.applied_ts nulls last, messages.sent_ts, messages.message_id
        ),
        as_received as (
            partition by messages.interface_id, messages.business_key, messages.business_version
            order by messages.target_received_ts nulls last, messages.sent_ts, messages.message_id
        )
)

select
    sequenced.message_id,
    sequenced.effective_applied_ts,
    sequenced.effective_applied_known_ts,
    coalesce(sequenced.previous_version <> sequenced.business_version, true) as is_representative,
    coalesce(places.application_count, case when sequenced.applied_ts is null then 0 else 1 end) as application_count,
    case when sequenced.applied_ts is not null then coalesce(places.place_no, 1) end as nth_application,
    coalesce(places.version_applied_ts, sequenced.applied_ts) as version_applied_ts,
    case when sequenced.target_received_ts is not null then coalesce(places.receipt_no, 1) end as receipt_no
from sequenced
left join places
    on sequenced.message_id = places.message_id
