-- Grain: one spell of failed messages of an interface with one error. E65a: failed for good, neither parked
-- nor reprocessed past the grace. A spell ends when all are reprocessed and none failed for the quiet time.
with failures as (

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
        message.first_failed_ts as began_ts,
        message.first_failed_known_ts as began_known_ts,
        message.effective_applied_known_ts as mended_known_ts,
        message.interface || '|' || coalesce(message.failed_error_code, 'NONE') as business_key,
        -- what a later version had overtaken before it failed lacks nothing
        case
            when message.effective_applied_ts is not null
                then greatest(message.effective_applied_ts, message.first_failed_ts)
        end as mended_ts,
        {{ control_threshold("grace", ["interface"]) }} as grace_minutes,
        {{ control_threshold("quiet", ["interface"]) }} as quiet_minutes
    from {{ ref("fct_message") }} as message
    {{ control_threshold_joins(
        "E65a", ["grace", "quiet"], at="message.first_failed_ts", scopes={"interface": "message.interface"}
    ) }}
    where message.first_failed_ts is not null and message.status_code <> 'dead_lettered'

),

timed as (

    select
        *,
        {{ add_seconds("began_ts", "60 * grace_minutes") }} as deadline_ts,
        case
            when mended_ts is not null then greatest(mended_ts, {{ add_seconds("began_ts", "60 * quiet_minutes") }})
        end as quiet_ts
    from failures

),

{{ control_mending_spells("timed", "message_id", "all reprocessed, none new") }}

{{ control_select(
    "E65a",
    "'integration_message'",
    has=[
        "interface", "observed_value", "threshold_value", "value_at_risk_amount", "customers_affected",
        "promise_latest_ts", "open_orders_touched",
    ],
    relation="episodes",
    largest=["value_at_risk_amount", "customers_affected", "open_orders_touched"]
) }}
