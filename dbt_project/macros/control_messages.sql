{#
Late messages (E29 for stock, E65f for the rest): the same rule over another key. A source's breaches form spells that end with
the first clock hour that has no breach and nothing unapplied past the service level; a spell is an exception when a clock hour
in it reached the limit or a message waited a multiple of the service level.
#}

{#
The CTEs up to `assessed` for control `code` over the rows of fct_message that meet `condition`; `key` is the
expression of the business key.
#}
{% macro control_message_spells(code, condition, key) -%}
{%- set scopes = ["interface", "location"] %}
{%- set scope_columns = {"interface": "grouped.interface", "location": "grouped.location"} %}
messages as (

    select
        message.message_id,
        message.interface,
        message.location,
        message.region,
        message.event_ts,
        message.effective_applied_ts,
        message.effective_applied_known_ts,
        message.first_received_ts,
        message.object_type,
        message.business_key as object_key,
        message.sku,
        message.location_id,
        message._file_digest,
        message._line,
        {{ key }} as business_key,
        coalesce(message.sla_seconds, sla_all.threshold_value) as sla_seconds,
        coalesce(
            message.breach_due_ts, {{ add_seconds("message.event_ts", "sla_all.threshold_value") }}
        ) as due_ts
    from {{ ref("fct_message") }} as message
    {{ control_threshold_joins(code, ["sla"], at="message.event_ts") }}
    where message.is_representative and {{ condition }}

),

due_messages as (

    select
        *,
        date_trunc('hour', due_ts) as due_hour_ts,
        coalesce(effective_applied_ts > due_ts, true) as is_breach
    from messages
    where due_ts <= {{ as_of() }}

),

hours as (

    select
        business_key,
        due_hour_ts,
        min(interface) as interface,
        min(location) as location,
        count(*) as message_count,
        count(*) filter (where is_breach) as breach_count
    from due_messages
    group by business_key, due_hour_ts

),

hour_alarms as (

    select
        grouped.business_key,
        {{ add_seconds("grouped.due_hour_ts", 3600) }} as alarm_ts,
        'hour ' || {{ control_instant("grouped.due_hour_ts") }} as opening_key,
        {{ decimal_of("cast(grouped.breach_count as double) / grouped.message_count", 38, 6) }} as observed_value,
        {{ control_threshold("breach_share", scopes) }} as threshold_value
    from hours as grouped
    {{ control_threshold_joins(code, ["breach_share", "min_messages"], at="grouped.due_hour_ts", scopes=scope_columns) }}
    where
        grouped.breach_count > 0
        and grouped.message_count >= {{ control_threshold("min_messages", scopes) }}
        and grouped.breach_count >= {{ control_threshold("breach_share", scopes) }} * grouped.message_count
        and {{ add_seconds("grouped.due_hour_ts", 3600) }} <= {{ as_of() }}

),

{# What looked unapplied when its delivery came, though it was applied in time, can only have raised a false alarm. #}
waiting as (

    select
        grouped.*,
        {{ control_threshold("stale_multiple", scopes) }} as threshold_value,
        {{ add_seconds(
            "grouped.event_ts", "grouped.sla_seconds * " ~ control_threshold("stale_multiple", scopes)
        ) }} as stale_ts,
        case
            when grouped.effective_applied_ts is not null
                then {{ add_seconds(
                    "greatest(" ~ add_seconds("grouped.due_hour_ts", 3600)
                    ~ ", date_trunc('hour', grouped.effective_applied_ts))",
                    3600
                ) }}
        end as clean_ts
    from due_messages as grouped
    {{ control_threshold_joins(code, ["stale_multiple"], at="grouped.event_ts", scopes=scope_columns) }}
    where grouped.is_breach or grouped.effective_applied_known_ts > grouped.first_received_ts

),

stale_alarms as (

    select
        waiting.*,
        coverage.known_ts,
        coverage.is_overdue
    from waiting
    {{ control_coverage("'integration_message'", "waiting.stale_ts") }}
    where
        waiting.stale_ts <= {{ as_of() }}
        and (
            coalesce(waiting.effective_applied_ts > waiting.stale_ts, true)
            or waiting.effective_applied_known_ts > coverage.known_ts
        )

),

breaches as (

    select
        waiting.*,
        case when clean_ts <= {{ as_of() }} then clean_ts end as ended_ts,
        max(coalesce(clean_ts, cast('9999-12-31' as timestamp))) over (
            partition by business_key
            order by due_ts, message_id
            rows between unbounded preceding and 1 preceding
        ) as earlier_end_ts
    from waiting
    where is_breach

),

numbered as (

    select
        *,
        count(*) filter (where coalesce(due_ts > earlier_end_ts, true)) over (
            partition by business_key
            order by due_ts, message_id
            rows between unbounded preceding and current row
        ) as spell_no
    from breaches

),

spells as (

    select
        business_key,
        spell_no,
        min(due_ts) as began_ts,
        case when count(*) = count(ended_ts) then max(ended_ts) end as ended_ts,
        max(effective_applied_known_ts) as ended_known_ts,
        {{ min_by_keys('message_id', ['due_ts', 'message_id']) }} as message_id,
        min(interface) as interface,
        min(location) as location,
        min(region) as region,
        {{ min_by_keys('_file_digest', ['due_ts', 'message_id']) }} as _file_digest,
        {{ min_by_keys('_line', ['due_ts', 'message_id']) }} as _line
    from numbered
    group by business_key, spell_no

),

alarms as (

    select
        business_key,
        alarm_ts,
        opening_key,
        observed_value,
        threshold_value
    from hour_alarms
    union all
    select
        business_key,
        stale_ts as alarm_ts,
        message_id as opening_key,
        {{ decimal_of("cast(" ~ seconds_between("event_ts", "coalesce(effective_applied_ts, " ~ as_of() ~ ")") ~ " as double) / sla_seconds", 38, 6) }} as observed_value,
        threshold_value
    from stale_alarms
    where coalesce(effective_applied_ts > stale_ts, true)

),

spell_alarms as (

    select
        spells.business_key,
        spells.spell_no,
        alarms.alarm_ts,
        alarms.opening_key,
        alarms.observed_value,
        alarms.threshold_value,
        row_number() over (
            partition by spells.business_key, spells.spell_no order by alarms.alarm_ts, alarms.opening_key
        ) as alarm_rank
    from spells
    inner join alarms
        on
            spells.business_key = alarms.business_key
            and spells.began_ts <= alarms.alarm_ts
            and coalesce(spells.ended_ts, cast('9999-12-31' as timestamp)) >= alarms.alarm_ts

),

touched as (

    {{ control_orders_touched("numbered", ["business_key", "spell_no"]) }}

),

spell_rows as (

    select
        spells.business_key,
        alarm.opening_key,
        spells.interface,
        spells.location,
        spells.region,
        spells._file_digest,
        spells._line,
        alarm.alarm_ts as opened_ts,
        {{ control_silence_known("alarm.alarm_ts", "alarm.alarm_ts") }} as detected_ts,
        spells.ended_ts,
        spells.ended_known_ts,
        coverage.is_overdue as is_evidence_overdue,
        alarm.observed_value,
        alarm.threshold_value,
        touched.value_at_risk_amount,
        touched.customers_affected,
        touched.promise_latest_ts,
        touched.open_orders_touched
    from spells
    left join spell_alarms as alarm
        on spells.business_key = alarm.business_key and spells.spell_no = alarm.spell_no and alarm.alarm_rank = 1
    left join touched on spells.business_key = touched.business_key and spells.spell_no = touched.spell_no
    {{ control_coverage("'integration_message'", "alarm.alarm_ts") }}

),

false_alarm_rows as (

    select
        stale.business_key,
        min(stale.message_id) as opening_key,
        min(stale.interface) as interface,
        min(stale.location) as location,
        min(stale.region) as region,
        {{ min_by_keys('stale._file_digest', ['stale.message_id']) }} as _file_digest,
        {{ min_by_keys('stale._line', ['stale.message_id']) }} as _line,
        min(stale.stale_ts) as opened_ts,
        min(greatest(stale.stale_ts, stale.known_ts)) as detected_ts,
        min(stale.effective_applied_ts) as ended_ts,
        max(stale.effective_applied_known_ts) as ended_known_ts,
        false as is_evidence_overdue,
        cast(null as decimal(38, 6)) as observed_value,
        min(stale.threshold_value) as threshold_value,
        cast(null as decimal(18, 2)) as value_at_risk_amount,
        cast(null as bigint) as customers_affected,
        cast(null as timestamp) as promise_latest_ts,
        cast(null as bigint) as open_orders_touched
    from stale_alarms as stale
    left join spell_rows
        on
            stale.business_key = spell_rows.business_key
            and stale.stale_ts >= spell_rows.opened_ts
            and stale.stale_ts <= coalesce(spell_rows.ended_ts, stale.stale_ts)
    where stale.effective_applied_ts <= stale.stale_ts and spell_rows.business_key is null
    group by stale.business_key, stale.due_hour_ts

),

assessed as (

    select
        *,
        'a clock hour without breach' as ended_reason,
        cast(null as string) as blocked_code
    from spell_rows
    union all
    select
        *,
        'applied' as ended_reason,
        cast(null as string) as blocked_code
    from false_alarm_rows

),
{%- endmacro %}

{#
A select of the open orders that messages touch, by the columns `keys` of `relation`: those that a message is about, and for stock
and price messages those of that item and place captured between the event and its application. `relation` has
object_type, object_key, sku, location_id, event_ts and effective_applied_ts.
#}
{% macro control_orders_touched(relation, keys) -%}
    select
        {{ keys | join(",\n        ") }},
        cast(sum(undelivered_amount) as decimal(18, 2)) as value_at_risk_amount,
        count(distinct customer_id) as customers_affected,
        min(first_promise_latest_ts) as promise_latest_ts,
        count(distinct order_id) as open_orders_touched
    from (
        select distinct
            {%- for key in keys %}
            message.{{ key }},
            {%- endfor %}
            line.order_line_key,
            line.order_id,
            line.first_promise_latest_ts,
            orders.customer_id,
            {{ control_undelivered_value("line", "line.order_ts") }} as undelivered_amount
        from {{ relation }} as message
        inner join {{ ref("fct_order_line") }} as line
            on
                message.sku = line.sku
                and coalesce(message.location_id, line.last_allocated_location_id) = line.last_allocated_location_id
                and message.object_type in ('stock', 'price')
                and line.order_ts >= message.event_ts
                and line.order_ts < coalesce(message.effective_applied_ts, {{ as_of() }})
        inner join {{ ref("fct_order") }} as orders on line.order_id = orders.order_id
        where line.is_in_scope
        union
        select distinct
            {%- for key in keys %}
            message.{{ key }},
            {%- endfor %}
            line.order_line_key,
            line.order_id,
            line.first_promise_latest_ts,
            orders.customer_id,
            {{ control_undelivered_value("line", "line.order_ts") }} as undelivered_amount
        from {{ relation }} as message
        inner join {{ ref("int_control__order_reference") }} as reference
            on message.object_type = reference.object_type and split_part(message.object_key, '|', 1) = reference.object_key
        inner join {{ ref("fct_order") }} as orders on reference.order_id = orders.order_id
        inner join {{ ref("fct_order_line") }} as line on orders.order_id = line.order_id
        where line.is_in_scope and coalesce(line.closed_ts > message.event_ts, true)
    ) as touched_line
    group by {{ keys | join(", ") }}
{%- endmacro %}
