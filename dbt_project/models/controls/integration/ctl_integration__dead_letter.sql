-- Grain: one spell in which the dead-letter queue of an interface was not empty. E65e: a message was parked in
-- it for longer than the grace; it ends when the queue is empty.
with dead as (

    select distinct message_id
    from {{ source("raw", "integration_message") }}
    where status_code = 'dead_lettered'

),

versions as (

    select
        raw_message.message_id,
        raw_message.updated_ts,
        raw_message.received_ts,
        raw_message.status_code = 'dead_lettered' as is_parked,
        lag(raw_message.status_code = 'dead_lettered') over by_state as was_parked
    from {{ source("raw", "integration_message") }} as raw_message
    inner join dead on raw_message.message_id = dead.message_id
    window by_state as (
        partition by raw_message.message_id
        order by raw_message.updated_ts, raw_message.received_ts, raw_message._file_digest, raw_message._line
    )

),

turns as (

    select
        *,
        lead(updated_ts) over (partition by message_id order by updated_ts, received_ts) as mended_ts,
        lead(received_ts) over (partition by message_id order by updated_ts, received_ts) as mended_known_ts
    from versions
    where is_parked is distinct from was_parked

),

parked as (

    select
        message.message_id,
        message.interface,
        message.object_type,
        message.business_key as object_key,
        message.sku,
        message.location_id,
        message.event_ts,
        message.effective_applied_ts,
        message._file_digest,
        message._line,
        message.interface as business_key,
        turns.updated_ts as began_ts,
        turns.received_ts as began_known_ts,
        turns.mended_ts,
        turns.mended_known_ts,
        turns.mended_ts as quiet_ts,
        {{ add_seconds("turns.updated_ts", "60 * " ~ control_threshold("grace", ["interface"])) }} as deadline_ts
    from turns
    inner join {{ ref("fct_message") }} as message on turns.message_id = message.message_id
    {{ control_threshold_joins("E65e", ["grace"], at="turns.updated_ts", scopes={"interface": "message.interface"}) }}
    where turns.is_parked

),

{{ control_mending_spells("parked", "message_id || '|' || " ~ control_instant("began_ts"), "queue empty") }}

{{ control_select(
    "E65e",
    "'integration_message'",
    has=[
        "interface", "observed_value", "threshold_value", "value_at_risk_amount", "customers_affected",
        "promise_latest_ts", "open_orders_touched",
    ],
    relation="episodes",
    largest=["value_at_risk_amount", "customers_affected", "open_orders_touched"]
) }}
