{#
The CTEs up to `assessed` for messages that went wrong and wait to be mended (E65a, E65e). `relation` has a row a message of
a source (`business_key`): began_ts and mended_ts with the instants from which they are known, deadline_ts, and quiet_ts, until
which nothing new may begin. What overlaps is one spell; one of which all messages were mended in time is none, and one that only
looked late when its delivery came is a false alarm. `opening_key`: expression over a message.
#}
{% macro control_mending_spells(relation, opening_key, ended_reason) -%}
{%- set by_start = ["began_ts", "message_id"] %}
ordered as (

    select
        *,
        max(coalesce(quiet_ts, cast('9999-12-31' as timestamp))) over (
            partition by business_key
            order by began_ts, message_id
            rows between unbounded preceding and 1 preceding
        ) as earlier_end_ts
    from {{ relation }}

),

numbered as (

    select
        *,
        count(*) filter (where coalesce(began_ts > earlier_end_ts, true)) over (
            partition by business_key
            order by began_ts, message_id
            rows between unbounded preceding and current row
        ) as spell_no
    from ordered

),

judged_messages as (

    select
        numbered.*,
        coverage.is_overdue,
        {{ control_silence_known("numbered.deadline_ts", "numbered.began_known_ts") }} as message_detected_ts,
        case
            when coalesce(numbered.mended_ts > numbered.deadline_ts, true) then 1
            when
                numbered.mended_known_ts > {{ control_silence_known("numbered.deadline_ts", "numbered.began_known_ts") }}
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
        {{ min_by_keys(opening_key, by_start, where="mend_rank = worst_rank") }} as opening_key,
        min(deadline_ts) filter (where mend_rank = worst_rank) as opened_ts,
        min(message_detected_ts) filter (where mend_rank = worst_rank and mend_rank < 3) as detected_ts,
        bool_or(is_overdue) filter (where mend_rank = worst_rank) as is_evidence_overdue,
        case
            when max(worst_rank) > 1 then min(mended_ts) filter (where mend_rank = worst_rank)
            when count(*) = count(quiet_ts) and max(quiet_ts) <= {{ as_of() }} then max(quiet_ts)
        end as ended_ts,
        max(mended_known_ts) as ended_known_ts,
        {{ min_by_keys("_file_digest", by_start) }} as _file_digest,
        {{ min_by_keys("_line", by_start) }} as _line
    from ranked
    group by business_key, spell_no

),

assessed as (

    select
        spells.*,
        '{{ ended_reason }}' as ended_reason,
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
{%- endmacro %}
