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
        lead(updated_ts) over (partition by message_id order by updated_ts, received_ts) as left_ts,
        lead(received_ts) over (partition by message_id order by updated_ts, received_ts) as left_known_ts
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
        turns.updated_ts as parked_ts,
        turns.received_ts as parked_known_ts,
        turns.left_ts,
        turns.left_known_ts,
        {{ add_seconds("turns.updated_ts", "60 * " ~ control_threshold("grace", ["interface"])) }} as deadline_ts,
        max(coalesce(turns.left_ts, cast('9999-12-31' as timestamp))) over (
            partition by message.interface
            order by turns.updated_ts, message.message_id
            rows between unbounded preceding and 1 preceding
        ) as earlier_end_ts
    from turns
    inner join {{ ref("fct_message") }} as message on turns.message_id = message.message_id
    {{ control_threshold_joins("E65e", ["grace"], at="turns.updated_ts", scopes={"interface": "message.interface"}) }}
    where turns.is_parked

),

numbered as (

    select
        *,
        count(*) filter (where coalesce(parked_ts > earlier_end_ts, true)) over (
            partition by business_key
            order by parked_ts, message_id
            rows between unbounded preceding and current row
        ) as spell_no
    from parked

),

judged_messages as (

    select
        numbered.*,
        coverage.is_overdue,
        {{ control_silence_known("numbered.deadline_ts", "numbered.parked_known_ts") }} as message_detected_ts,
        case
            when coalesce(numbered.left_ts > numbered.deadline_ts, true) then 1
            when
                numbered.left_known_ts
                > {{ control_silence_known("numbered.deadline_ts", "numbered.parked_known_ts") }}
                then 2
            else 3
        end as mend_rank
    from numbered
    {{ control_coverage("'integration_message'", "numbered.deadline_ts") }}

),

ranked as (

    select
        *,
        min(mend_rank) over (partition by business_key, spell_no) as worst_rank
    from judged_messages

),

touched as (

    {{ control_orders_touched("ranked", ["business_key", "spell_no"]) }}

),

spells as (

    select
        business_key,
        spell_no,
        min(interface) as interface,
        count(*) as observed_value,
        {{ min_by_keys(
            "message_id || '|' || " ~ control_instant("parked_ts"),
            ["parked_ts", "message_id"],
            where="mend_rank = worst_rank"
        ) }} as opening_key,
        min(deadline_ts) filter (where mend_rank = worst_rank) as opened_ts,
        min(message_detected_ts) filter (where mend_rank = worst_rank and mend_rank < 3) as detected_ts,
        bool_or(is_overdue) filter (where mend_rank = worst_rank) as is_evidence_overdue,
        case
            when max(worst_rank) > 1 then min(left_ts) filter (where mend_rank = worst_rank)
            when count(*) = count(left_ts) then max(left_ts)
        end as ended_ts,
        max(left_known_ts) as ended_known_ts,
        {{ min_by_keys("_file_digest", ["parked_ts", "message_id"]) }} as _file_digest,
        {{ min_by_keys("_line", ["parked_ts", "message_id"]) }} as _line
    from ranked
    group by business_key, spell_no

),

assessed as (

    select
        spells.*,
        'queue empty' as ended_reason,
        case when spells.opened_ts is null then 'not_enough_data' end as blocked_code,
        1 as threshold_value,
        touched.value_at_risk_amount,
        touched.customers_affected,
        touched.promise_latest_ts,
        touched.open_orders_touched
    from spells
    left join touched on spells.business_key = touched.business_key and spells.spell_no = touched.spell_no

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount", "customers_affected", "open_orders_touched"]) }}

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
