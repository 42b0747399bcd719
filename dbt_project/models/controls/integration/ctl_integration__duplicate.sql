-- Grain: one business key and version of an interface that was applied at its target. E65b: applied more
-- than once. What happened cannot become untrue; a person closes it with the effect reversed.
with repeats as (

    select
        message.*,
        message.interface || '|' || message.business_key || '|'
        || cast(message.business_version as string) as item_key,
        {{ control_threshold("applications", ["interface"]) }} as threshold_value
    from {{ ref("fct_message") }} as message
    {{ control_threshold_joins(
        "E65b", ["applications"], at="message.event_ts", scopes={"interface": "message.interface"}
    ) }}
    where message.application_count > 1 and message.nth_application is not null

),

counted as (

    select
        *,
        row_number() over (partition by item_key order by nth_application desc) as last_rank
    from repeats
    where nth_application <= threshold_value

),

touched_messages as (

    select
        item_key,
        object_type,
        business_key as object_key,
        sku,
        location_id,
        event_ts,
        applied_ts as effective_applied_ts
    from counted
    where last_rank = 1

),

touched as (

    {{ control_orders_touched("touched_messages", ["item_key"]) }}

),

assessed as (

    select
        counted.item_key as business_key,
        counted.message_id as opening_key,
        counted.interface,
        counted.location,
        counted.region,
        counted.sku,
        counted._file_digest,
        counted._line,
        counted.application_count as observed_value,
        counted.threshold_value,
        case when counted.application_count >= counted.threshold_value then counted.applied_ts end as opened_ts,
        counted.received_ts as detected_ts,
        false as is_evidence_overdue,
        cast(null as timestamp) as ended_ts,
        cast(null as timestamp) as ended_known_ts,
        cast(null as string) as ended_reason,
        cast(null as string) as blocked_code,
        touched.value_at_risk_amount,
        touched.customers_affected,
        touched.open_orders_touched
    from counted
    left join touched on counted.item_key = touched.item_key
    where counted.last_rank = 1

),

{{ control_verdict("assessed", is_event=true) }}

{{ control_select(
    "E65b",
    "'integration_message'",
    has=[
        "location", "region", "interface", "sku", "observed_value", "threshold_value", "value_at_risk_amount",
        "customers_affected", "open_orders_touched",
    ]
) }}
