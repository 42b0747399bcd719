-- Grain: one spell of failed messages of an interface with one error. E65a: failed for good, neither parked
-- nor reprocessed past the grace. A spell ends when all are reprocessed and none failed for the quiet time.
with failures as (

    select
        message.message_id,
        message.interface,
        message.region,
        message.object_type,
        message.business_key as object_key,
        message.sku,
        message.location_id,
        message.event_ts,
        message.effective_applied_ts,
        message._file_digest,
        message._line,
        message.first_failed_ts as failed_ts,
        message.first_failed_known_ts as failed_known_ts,
        message.effective_applied_known_ts as applied_known_ts,
        message.interface || '|' || coalesce(message.failed_error_code, 'NONE') as business_key,
        -- what a later version had overtaken before it failed lacks nothing
        case
            when message.effective_applied_ts is not null
                then greatest(message.effective_applied_ts, message.first_failed_ts)
        end as reprocessed_ts,
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
        {{ add_seconds("failed_ts", "60 * grace_minutes") }} as deadline_ts,
        case
            when reprocessed_ts is not null
                then greatest(reprocessed_ts, {{ add_seconds("failed_ts", "60 * quiet_minutes") }})
        end as quiet_ts
    from failures

),

ordered as (

    select
        *,
        max(coalesce(quiet_ts, cast('9999-12-31' as timestamp))) over (
            partition by business_key
            order by failed_ts, message_id
            rows between unbounded preceding and 1 preceding
        ) as earlier_end_ts
    from timed

),

numbered as (

    select
        *,
        count(*) filter (where coalesce(failed_ts > earlier_end_ts, true)) over (
            partition by business_key
            order by failed_ts, message_id
            rows between unbounded preceding and current row
        ) as spell_no
    from ordered

),

judged_messages as (

    select
        numbered.*,
        coverage.is_overdue,
        {{ control_silence_known("numbered.deadline_ts", "numbered.failed_known_ts") }} as message_detected_ts,
        case
            when coalesce(numbered.reprocessed_ts > numbered.deadline_ts, true) then 1
            when
                numbered.applied_known_ts
                > {{ control_silence_known("numbered.deadline_ts", "numbered.failed_known_ts") }}
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
        min(message_id) filter (where mend_rank = worst_rank) as opening_key,
        min(deadline_ts) filter (where mend_rank = worst_rank) as opened_ts,
        min(message_detected_ts) filter (where mend_rank = worst_rank and mend_rank < 3) as detected_ts,
        bool_or(is_overdue) filter (where mend_rank = worst_rank) as is_evidence_overdue,
        case
            when max(worst_rank) > 1 then min(reprocessed_ts) filter (where mend_rank = worst_rank)
            when count(*) = count(quiet_ts) and max(quiet_ts) <= {{ as_of() }} then max(quiet_ts)
        end as ended_ts,
        max(applied_known_ts) as ended_known_ts,
        {{ min_by_keys("_file_digest", ["failed_ts", "_file_digest"]) }} as _file_digest,
        {{ min_by_keys("_line", ["failed_ts", "_file_digest", "_line"]) }} as _line
    from ranked
    group by business_key, spell_no

),

assessed as (

    select
        spells.*,
        'all reprocessed, none new' as ended_reason,
        cast(null as string) as blocked_code,
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
    "E65a",
    "'integration_message'",
    has=[
        "interface", "observed_value", "threshold_value", "value_at_risk_amount", "customers_affected",
        "promise_latest_ts", "open_orders_touched",
    ],
    relation="episodes",
    largest=["value_at_risk_amount", "customers_affected", "open_orders_touched"]
) }}
