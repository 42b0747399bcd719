{#
The joins that find the end of so many `seconds` of working time after the instant `at` on the calendar of the owner of `code`;
control_worktime_end gives that instant.
#}
{% macro control_worktime_joins(code, at, seconds, alias="work") -%}
    left join {{ ref("int_control__business_day") }} as {{ alias }}_start
        on
            {{ alias }}_start.date_day = {{ reporting_date(at) }}
            and {{ alias }}_start.owner_role
            = (select max(owner_role) from {{ ref("exception_catalog") }} where code = '{{ code }}')
    left join {{ ref("int_control__business_day") }} as {{ alias }}
        on
            {{ alias }}.owner_role = {{ alias }}_start.owner_role
            and {{ worked_until(alias ~ "_start", at) }} + {{ seconds }} > {{ alias }}.work_seconds_before
            and {{ worked_until(alias ~ "_start", at) }} + {{ seconds }} <= {{ alias }}.work_seconds_until
{%- endmacro %}

{# The instant that control_worktime_joins with the same arguments found. #}
{% macro control_worktime_end(at, seconds, alias="work") -%}
    {{ add_seconds(
        alias ~ ".opens_ts",
        worked_until(alias ~ "_start", at) ~ " + " ~ seconds ~ " - " ~ alias ~ ".work_seconds_before"
    ) }}
{%- endmacro %}
