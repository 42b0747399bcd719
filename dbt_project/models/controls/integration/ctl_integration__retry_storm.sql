-- Grain: five minutes of an interface with more retries than the first limit, and one row an interface without.
-- E65d: more than the multiple of the median of its five minutes over seven days, too; it ends after the quiet
-- time. A retry counts when the log first tells of it.
with tries as (

    select
        message_id,
        interface_id,
        attempts,
        min(updated_ts) as tried_ts,
        min(received_ts) as known_ts
    from {{ source("raw", "integration_message") }}
    where attempts > 1
    group by message_id, interface_id, attempts

),

retries as (

    select
        *,
        {{ add_seconds(
            "date_trunc('hour', tried_ts)",
            "300 * floor(cast(" ~ seconds_between("date_trunc('hour', tried_ts)", "tried_ts") ~ " as double) / 300)"
        ) }} as slot_ts,
        attempts - coalesce(lag(attempts) over (partition by message_id order by attempts), 1) as retry_count
    from tries

),

slots as (

    select
        interface_id,
        slot_ts,
        cast(sum(retry_count) as bigint) as retry_count,
        max(known_ts) as known_ts
    from retries
    group by interface_id, slot_ts

),

limited as (

    select
        slots.*,
        {{ add_seconds("slots.slot_ts", 300) }} as slot_end_ts,
        {{ control_threshold("retries", ["interface"]) }} as fewest_retries,
        {{ control_threshold("multiple", ["interface"]) }} as multiple,
        {{ control_threshold("quiet", ["interface"]) }} as quiet_minutes
    from slots
    {{ control_threshold_joins(
        "E65d",
        ["retries", "multiple", "quiet"],
        at="slots.slot_ts",
        scopes={"interface": "slots.interface_id"}
    ) }}

),

busy as (

    select * from limited
    where retry_count > fewest_retries and slot_end_ts <= {{ as_of() }}

),

-- Seven days have 2016 times five minutes; those without a retry come first.
earlier as (

    select
        busy.interface_id,
        busy.slot_ts,
        slots.retry_count,
        row_number() over (
            partition by busy.interface_id, busy.slot_ts order by slots.retry_count, slots.slot_ts
        ) as count_rank,
        2016 - count(*) over (partition by busy.interface_id, busy.slot_ts) as empty_slots
    from busy
    inner join slots
        on
            busy.interface_id = slots.interface_id
            and busy.slot_ts > slots.slot_ts
            and {{ add_seconds("busy.slot_ts", -7 * 86400) }} <= slots.slot_ts

),

medians as (

    select
        interface_id,
        slot_ts,
        cast(sum(retry_count) as double) / 2 as median_count
    from earlier
    where count_rank + empty_slots in (1008, 1009)
    group by interface_id, slot_ts

),

busy_messages as (

    select
        message.interface_id,
        retries.slot_ts,
        message.object_type,
        message.business_key as object_key,
        message.sku,
        message.location_id,
        message.event_ts,
        message.effective_applied_ts,
        message._file_digest,
        message._line,
        message.message_id
    from busy
    inner join retries on busy.interface_id = retries.interface_id and busy.slot_ts = retries.slot_ts
    inner join {{ ref("fct_message") }} as message on retries.message_id = message.message_id

),

evidence_rows as (

    select
        interface_id,
        slot_ts,
        {{ min_by_keys("_file_digest", ["event_ts", "message_id"]) }} as _file_digest,
        {{ min_by_keys("_line", ["event_ts", "message_id"]) }} as _line
    from busy_messages
    group by interface_id, slot_ts

),

touched as (

    {{ control_orders_touched("busy_messages", ["interface_id", "slot_ts"]) }}

),

interfaces as (

    select
        interface_id,
        min(interface) as interface
    from {{ ref("fct_message") }}
    group by interface_id

),

assessed as (

    select
        interfaces.interface,
        interfaces.interface_id as business_key,
        {{ control_instant("busy.slot_ts") }} as opening_key,
        evidence_rows._file_digest,
        evidence_rows._line,
        case
            when busy.retry_count > busy.multiple * coalesce(medians.median_count, 0) then busy.slot_end_ts
        end as opened_ts,
        greatest(busy.slot_end_ts, busy.known_ts) as detected_ts,
        false as is_evidence_overdue,
        case
            when {{ add_seconds("busy.slot_end_ts", "60 * busy.quiet_minutes") }} <= {{ as_of() }}
                then {{ add_seconds("busy.slot_end_ts", "60 * busy.quiet_minutes") }}
        end as ended_ts,
        {{ add_seconds("busy.slot_end_ts", "60 * busy.quiet_minutes") }} as ended_known_ts,
        'below the limits' as ended_reason,
        cast(null as string) as blocked_code,
        busy.retry_count as observed_value,
        {{ decimal_of(
            "greatest(cast(busy.fewest_retries as double), busy.multiple * coalesce(medians.median_count, 0))", 38, 6
        ) }} as threshold_value,
        touched.value_at_risk_amount,
        touched.customers_affected,
        touched.open_orders_touched
    from interfaces
    left join busy on interfaces.interface_id = busy.interface_id
    left join medians on busy.interface_id = medians.interface_id and busy.slot_ts = medians.slot_ts
    left join evidence_rows on busy.interface_id = evidence_rows.interface_id and busy.slot_ts = evidence_rows.slot_ts
    left join touched on busy.interface_id = touched.interface_id and busy.slot_ts = touched.slot_ts

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["observed_value", "value_at_risk_amount", "customers_affected", "open_orders_touched"]) }}

{{ control_select(
    "E65d",
    "'integration_message'",
    has=[
        "interface", "observed_value", "threshold_value", "value_at_risk_amount", "customers_affected",
        "open_orders_touched",
    ],
    relation="episodes",
    largest=["observed_value", "value_at_risk_amount", "customers_affected", "open_orders_touched"]
) }}
