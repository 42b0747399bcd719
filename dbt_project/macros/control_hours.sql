{#
Deadlines in business hours. An owner's working time is counted in seconds on int_control__business_day; a deadline of hours
is the instant at which that many have passed.
#}

{#
The joins that find the working day on which `hours` business hours of the owner of `code` after `ts` end; its columns are those
of `alias`. Join few rows: what was answered within as many hours of the clock needs no deadline.
#}
{% macro control_hours_joins(code, ts, hours, alias="due_hours") -%}
    left join {{ ref("int_control__business_day") }} as {{ alias }}_start
        on
            {{ alias }}_start.date_day = {{ reporting_date(ts) }}
            and {{ alias }}_start.owner_role
            = (select max(owner_role) from {{ ref("exception_catalog") }} where code = '{{ code }}')
    left join {{ ref("int_control__business_day") }} as {{ alias }}
        on
            {{ alias }}.owner_role = {{ alias }}_start.owner_role
            and {{ alias }}.work_seconds_before < {{ worked_until(alias ~ "_start", ts) }} + 3600 * ({{ hours }})
            and {{ alias }}.work_seconds_until >= {{ worked_until(alias ~ "_start", ts) }} + 3600 * ({{ hours }})
{%- endmacro %}

{# The deadline itself, after control_hours_joins with the same arguments; null where the calendar does not reach. #}
{% macro control_hours_deadline(ts, hours, alias="due_hours") -%}
    {{ add_seconds(
        alias ~ ".opens_ts",
        worked_until(alias ~ "_start", ts) ~ " + 3600 * (" ~ hours ~ ") - " ~ alias ~ ".work_seconds_before"
    ) }}
{%- endmacro %}
