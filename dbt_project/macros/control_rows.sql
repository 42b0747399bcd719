{#
The shape that every control shares: the verdict on an item, and the columns of its row. A control model brings, for each
item, the moment at which the condition became true (opened_ts), when the tower could first know (detected_ts), the
event that ended it (ended_ts, ended_known_ts, ended_reason) and what it has in dimensions and values.
#}

{#
When a deadline's silence is known: the delivery of `entity` (a text expression) that covers the instant `at`. Joins as
`alias` with known_ts (null while no delivery covers it) and is_overdue. The month is there for the join to be one by hash.
#}
{% macro control_coverage(entity, at, alias="coverage") -%}
    left join {{ ref("int_control__feed_coverage") }} as {{ alias }}
        on
            {{ alias }}.entity = {{ entity }}
            and cast(date_trunc('month', {{ at }}) as date) = {{ alias }}.month_start_date
            and {{ at }} > {{ alias }}.covered_from_ts
            and {{ at }} <= {{ alias }}.covered_until_ts
{%- endmacro %}

{#
When a missed deadline could first be known: not before the deadline, the delivery that covers it, or the row that set it.
Null while no delivery covers it. `beside` names further coverages, of entities that could end the condition too (a
cancellation): each counts where the home has that entity.
#}
{% macro control_silence_known(deadline, row_known, alias="coverage", beside=[]) -%}
    {%- set others = [beside] if beside is string else beside -%}
    case
        when
            {{ alias }}.known_ts is not null
            {%- for other in others %}
            and ({{ other }}.entity is null or {{ other }}.known_ts is not null)
            {%- endfor %}
            then greatest(
                {{ deadline }},
                {{ alias }}.known_ts,
                {%- for other in others %}
                coalesce({{ other }}.known_ts, {{ deadline }}),
                {%- endfor %}
                coalesce({{ row_known }}, {{ deadline }})
            )
    end
{%- endmacro %}

{#
When a condition that rows prove could first be known: with the rows, and not before the delivery that could have told at once
that it had ended (the coverage `beside`, where the home has that entity).
#}
{% macro control_rows_known(rows_known, beside) -%}
    case
        when {{ beside }}.entity is null then {{ rows_known }}
        when {{ beside }}.known_ts is not null then greatest({{ beside }}.known_ts, {{ rows_known }})
    end
{%- endmacro %}

{#
The CTE `judged`: each item of `relation` with its verdict. `relation` has blocked_code (a status that needs no judging, or
null), opened_ts (null = the condition was never true), detected_ts, is_evidence_overdue (whether the delivery that would
tell is late; null = that feed never came), ended_ts, ended_known_ts and ended_reason.

What ended at or before the opening never was: it passes (what was cancelled is not applicable) when that was known in time (at
once, where nothing says when), and is a retracted exception when it became known after the exception had been raised. What
happened as an event cannot become untrue: with is_event its ending, however early, only closes it.
#}
{% macro control_verdict(relation, is_event=false) -%}
judged as (

    select
        item.*,
        case
            when item.blocked_code is not null then item.blocked_code
            when item.opened_ts is null then 'pass'
            {%- if not is_event %}
            when
                item.ended_ts <= item.opened_ts
                and (item.detected_ts is null or coalesce(item.ended_known_ts, item.ended_ts) <= item.detected_ts)
                then case when item.ended_reason = 'cancelled' then 'not_applicable' else 'pass' end
            {%- endif %}
            when item.opened_ts > {{ as_of() }} or item.detected_ts > {{ as_of() }} then 'not_applicable'
            when item.detected_ts is null and coalesce(item.is_evidence_overdue, true) then 'not_enough_data'
            when item.detected_ts is null then 'not_applicable'
            else 'fail'
        end as status_code,
        {{ "false" if is_event else "coalesce(item.ended_ts <= item.opened_ts, false)" }} as is_disproved
    from {{ relation }} as item

)
{%- endmacro %}

{#
The final select of a control: the columns of the contract from `relation`, as far as `has` names them, else null. After
control_episodes the relation is `episodes`, with the same `largest`. With is_running the observed value grows until the item ends:
it is told of what failed or has ended.
#}
{% macro control_select(code, evidence_entity, has, relation="judged", largest=[], is_running=false) -%}
{%- set columns = [
    ("code", "string"),
    ("business_key", "string"),
    ("opening_key", "string"),
    ("status_code", "string"),
    ("opened_ts", "timestamp"),
    ("detected_ts", "timestamp"),
    ("closed_ts", "timestamp"),
    ("close_reason", "string"),
    ("is_retracted", "boolean"),
    ("channel", "string"),
    ("location", "string"),
    ("region", "string"),
    ("category", "string"),
    ("supplier", "string"),
    ("interface", "string"),
    ("order_id", "string"),
    ("order_line_key", "string"),
    ("sku", "string"),
    ("observed_value", "decimal(38, 6)"),
    ("threshold_value", "decimal(38, 6)"),
    ("value_at_risk_amount", "decimal(18, 2)"),
    ("realised_loss_amount", "decimal(18, 2)"),
    ("customers_affected", "bigint"),
    ("promise_latest_ts", "timestamp"),
    ("open_orders_touched", "bigint"),
    ("evidence_entity", "string"),
    ("_file_digest", "string"),
    ("_line", "bigint"),
    ("reopened_count", "bigint"),
    ("judged_after_ts", "timestamp"),
] %}
{%- set ending = "episode_ended" if relation == "episodes" else "ended" %}
{%- set has = has + (["reopened_count"] if relation == "episodes" else []) %}
select
    {%- for name, type in columns %}
    cast(
        {%- if name == "code" -%} '{{ code }}'
        {%- elif name in ["business_key", "status_code", "_file_digest", "_line"] -%} {{ name }}
        {%- elif name in ["opening_key", "opened_ts", "detected_ts"] -%}
            case when status_code = 'fail' then {{ name }} end
        {%- elif name == "closed_ts" -%}
            case when status_code = 'fail' then case when is_disproved then ended_known_ts else {{ ending }}_ts end end
        {%- elif name == "close_reason" -%}
            case
                when status_code = 'fail' and is_disproved then 'disproved'
                when status_code = 'fail' and {{ ending }}_ts is not null then {{ ending }}_reason
            end
        {%- elif name == "is_retracted" -%} status_code = 'fail' and is_disproved
        {%- elif name == "evidence_entity" -%} {{ evidence_entity }}
        {%- elif name == "judged_after_ts" -%} opened_ts
        {%- elif name == "observed_value" and is_running -%}
            case when status_code = 'fail' or {{ ending }}_ts is not null then observed_value end
        {%- elif name in largest -%} coalesce(largest_{{ name }}, {{ name }})
        {%- elif name in has -%} {{ name }}
        {%- else -%} {{ "0" if name == "reopened_count" else "null" }}
        {%- endif %} as {{ type }}) as {{ name }}{{ "," if not loop.last }}
    {%- endfor %}
from {{ relation }}
{%- endmacro %}

{#
Whichever of several endings came first, as the columns ended_ts, ended_known_ts and ended_reason. Each of `endings` is
[instant, when it was known, reason], expressions all three; on a tie the earlier in the list wins.
#}
{% macro control_first_ending(endings) -%}
{%- set instants = endings | map(attribute=0) | list %}
{%- set first = "least(" ~ instants | join(", ") ~ ")" %}
{{ first }} as ended_ts,
        case
            {%- for instant, known, reason in endings %}
            when {{ instant }} = {{ first }} then {{ known }}
            {%- endfor %}
        end as ended_known_ts,
        case
            {%- for instant, known, reason in endings %}
            when {{ instant }} = {{ first }} then {{ reason }}
            {%- endfor %}
        end as ended_reason
{%- endmacro %}

{#
A select of one row: the entity whose deliveries tell that goods reached the customer. Carrier scans where the home has ever
seen one that says delivered, else order events that say so, else none.
#}
{% macro control_delivery_feed() -%}
    select case when has_delivery_scan then 'shipment_event' when has_delivery_event then 'order_event' end as entity
    from {{ ref("int_order__feed_evidence") }}
{%- endmacro %}
