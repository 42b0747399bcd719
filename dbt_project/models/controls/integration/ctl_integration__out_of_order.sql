-- Grain: one application of a message of an interface after one of the same or a later version of its object.
-- E65c: the version applied before was later; it ends when that version, or one after it, is applied again.
with late_keys as (

    select distinct
        interface_id,
        business_key
    from {{ ref("fct_message") }}
    where applied_ts > effective_applied_ts

),

applications as (

    select
        message.message_id,
        message.interface_id,
        message.interface,
        message.location,
        message.location_id,
        message.region,
        message.sku,
        message.object_type,
        message.business_key as object_key,
        message.business_version,
        message.event_ts,
        message.applied_ts,
        message.effective_applied_ts,
        message.received_ts,
        message._file_digest,
        message._line,
        max(message.business_version) over before_it as highest_version,
        max(message.received_ts) over up_to_it as proof_known_ts
    from {{ ref("fct_message") }} as message
    inner join late_keys
        on message.interface_id = late_keys.interface_id and message.business_key = late_keys.business_key
    where message.applied_ts is not null
    window
        before_it as (
            partition by message.interface_id, message.business_key
            order by message.applied_ts, message.business_version, message.message_id
            rows between unbounded preceding and 1 preceding
        ),
        up_to_it as (
            partition by message.interface_id, message.business_key
            order by message.applied_ts, message.business_version, message.message_id
            rows between unbounded preceding and current row
        )

),

lower_ones as (

    select
        applications.*,
        {{ control_threshold("messages", ["interface"]) }} as threshold_value,
        applications.business_version < applications.highest_version as is_lower
    from applications
    {{ control_threshold_joins(
        "E65c", ["messages"], at="applications.applied_ts", scopes={"interface": "applications.interface"}
    ) }}
    where applications.applied_ts > applications.effective_applied_ts

),

restored as (

    select
        lower_ones.message_id,
        min(later.applied_ts) as event_ts,
        {{ min_by_keys("later.received_ts", ["later.applied_ts", "later.message_id"]) }} as known_ts
    from lower_ones
    inner join applications as later
        on
            lower_ones.interface_id = later.interface_id
            and lower_ones.object_key = later.object_key
            and lower_ones.applied_ts < later.applied_ts
            and lower_ones.highest_version <= later.business_version
    where lower_ones.is_lower
    group by lower_ones.message_id

),

stale_state as (

    select
        lower_ones.message_id,
        lower_ones.object_type,
        lower_ones.object_key,
        lower_ones.sku,
        lower_ones.location_id,
        lower_ones.applied_ts as event_ts,
        restored.event_ts as effective_applied_ts
    from lower_ones
    left join restored on lower_ones.message_id = restored.message_id
    where lower_ones.is_lower

),

touched as (

    {{ control_orders_touched("stale_state", ["message_id"]) }}

),

assessed as (

    select
        lower_ones.*,
        lower_ones.interface || '|' || lower_ones.object_key as business_key,
        lower_ones.message_id as opening_key,
        case when lower_ones.is_lower and lower_ones.threshold_value <= 1 then lower_ones.applied_ts end as opened_ts,
        greatest(lower_ones.applied_ts, lower_ones.proof_known_ts) as detected_ts,
        false as is_evidence_overdue,
        restored.event_ts as ended_ts,
        restored.known_ts as ended_known_ts,
        'higher version applied again' as ended_reason,
        case when lower_ones.threshold_value is null then 'not_enough_data' end as blocked_code,
        1 as observed_value,
        touched.value_at_risk_amount,
        touched.customers_affected,
        touched.promise_latest_ts,
        touched.open_orders_touched
    from lower_ones
    left join restored on lower_ones.message_id = restored.message_id
    left join touched on lower_ones.message_id = touched.message_id

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount", "customers_affected", "open_orders_touched"]) }}

{{ control_select(
    "E65c",
    "'integration_message'",
    has=[
        "location", "region", "interface", "sku", "observed_value", "threshold_value", "value_at_risk_amount",
        "customers_affected", "open_orders_touched",
    ],
    relation="episodes",
    largest=["value_at_risk_amount", "customers_affected", "open_orders_touched"]
) }}
