{#
How the failed items of controls become exceptions: one statement a control model fills int_control__exception. `exception_models()` is generated
(python -m signalbox.exceptions.models --write).
#}

{# Names the control models to dbt, so that they are built before the fact that their hooks fill. #}
{% macro exception_depends_on() -%}
    {%- for name in exception_models() %}
    -- depends_on: {{ ref(name) }}
    {%- endfor %}
    -- depends_on: {{ ref("dim_exception_type") }}
    -- depends_on: {{ ref("dim_control_threshold") }}
    -- depends_on: {{ ref("int_control__business_day") }}
{%- endmacro %}

{# The statements that fill the fact, one a control model. #}
{% macro exception_hooks() -%}
    {%- set hooks = [] -%}
    {%- for name in exception_models() -%}
        {%- do hooks.append("insert into {{ this }} {{ exception_rows(ref('" ~ name ~ "')) }}") -%}
    {%- endfor -%}
    {{- return(hooks) -}}
{%- endmacro %}

{# Rank of one severity rule: 1 at or beyond the first limit, 2 the second, else 3. #}
{% macro exception_rank(rule, value, first, second, comparison) -%}
    case
        when position('{{ rule }}' in severity_rule) = 0 then 3
        when {{ value }} {{ comparison }} {{ first }} then 1
        when {{ value }} {{ comparison }} {{ second }} then 2
        else 3
    end
{%- endmacro %}

{#
The exceptions of one control relation, in the columns of int_control__exception. Severity is the worst of the rules that the type
names, at the worst moment of its life: the promise is measured when it closed, or now. Due is the service level in
business hours of the owner after the detection.
#}
{% macro exception_rows(relation) -%}
with failed as (

    select
        item.*,
        type.exception_name,
        type.category_code,
        type.owner_role,
        type.severity_rule,
        type.min_severity,
        type.runbook_text,
        type.is_event,
        cast(type.sla_hours * 3600 as bigint) as sla_seconds,
        {{ control_threshold("value_s1") }} as value_s1,
        {{ control_threshold("value_s2") }} as value_s2,
        {{ control_threshold("reach_s1") }} as reach_s1,
        {{ control_threshold("reach_s2") }} as reach_s2,
        {{ control_threshold("promise_s1") }} as promise_s1,
        {{ control_threshold("promise_s2") }} as promise_s2,
        {{ decimal_of("cast(" ~ seconds_between("coalesce(item.closed_ts, " ~ as_of() ~ ")", "item.promise_latest_ts") ~ " as double) / 3600", 18, 6) }} as promise_hours
    from {{ relation }} as item
    inner join {{ ref("dim_exception_type") }} as type
        on
            item.code = type.code
            and item.opened_ts >= type.valid_from_ts
            and item.opened_ts < type.valid_to_ts
    {{ control_threshold_joins(
        "*", ["value_s1", "value_s2", "reach_s1", "reach_s2", "promise_s1", "promise_s2"], at="item.opened_ts"
    ) }}
    where item.status_code = 'fail' and item.opened_ts >= {{ cut_over() }}

),

detections as (

    select distinct
        owner_role,
        sla_seconds,
        detected_ts
    from failed

),

work_done as (

    select
        detections.*,
        day.work_seconds_before + least(
            cast(floor({{ seconds_between("day.opens_ts", "detections.detected_ts") }}) as bigint),
            day.work_seconds_until - day.work_seconds_before
        ) as seconds_done
    from detections
    inner join {{ ref("int_control__business_day") }} as day
        on
            detections.owner_role = day.owner_role
            and detections.detected_ts >= day.opens_ts
            and detections.detected_ts < day.next_opens_ts

),

due as (

    select
        work_done.*,
        {{ add_seconds(
            "day.opens_ts", "work_done.seconds_done + work_done.sla_seconds - day.work_seconds_before"
        ) }} as due_ts
    from work_done
    inner join {{ ref("int_control__business_day") }} as day
        on
            work_done.owner_role = day.owner_role
            and work_done.seconds_done + work_done.sla_seconds > day.work_seconds_before
            and work_done.seconds_done + work_done.sla_seconds <= day.work_seconds_until

)

select
    md5(failed.code || '|' || failed.business_key || '|' || failed.opening_key) as exception_id,
    failed.code,
    failed.exception_name,
    failed.category_code,
    'S' || cast(
        least(
            {{ exception_rank("P", "failed.promise_hours", "failed.promise_s1", "failed.promise_s2", "<") }},
            {{ exception_rank("V", "failed.value_at_risk_amount", "failed.value_s1", "failed.value_s2", ">=") }},
            {{ exception_rank("I", "failed.open_orders_touched", "failed.reach_s1", "failed.reach_s2", ">=") }},
            case when position('C' in failed.severity_rule) > 0 then 1 else 3 end,
            case failed.min_severity when 'S1' then 1 when 'S2' then 2 else 3 end
        ) as string
    ) as severity_code,
    case
        when failed.is_retracted then 'retracted' when failed.closed_ts is not null then 'closed' else 'open'
    end as status_code,
    failed.opened_ts,
    failed.detected_ts,
    due.due_ts,
    failed.closed_ts,
    failed.close_reason,
    failed.reopened_count,
    failed.business_key,
    failed.opening_key,
    failed.order_id,
    failed.order_line_key,
    failed.sku,
    failed.channel,
    failed.location,
    failed.region,
    failed.category,
    failed.supplier,
    failed.interface,
    failed.owner_role,
    failed.value_at_risk_amount,
    failed.realised_loss_amount,
    failed.observed_value,
    failed.threshold_value,
    failed.customers_affected,
    failed.evidence_entity,
    failed._file_digest,
    failed._line,
    failed.runbook_text as next_step,
    failed.sla_seconds,
    failed.is_event
from failed
left join due
    on
        failed.owner_role = due.owner_role
        and failed.sla_seconds = due.sla_seconds
        and failed.detected_ts = due.detected_ts
{%- endmacro %}
