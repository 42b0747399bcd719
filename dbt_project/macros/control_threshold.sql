{#
How a control reads its limits: the row of dim_control_threshold in force at the event, the most specific scope first
(interface, supplier, location, channel, then all). A limit that nobody set is null, and what depends on it is not judged.
#}

{#
The joins that bring the limits `parameters` of a control to each row. `at` is the event time; `scopes` maps a scope to the
expression that holds its value on the row. The default's scope value is * for all: written as an equality on the row, it is
joined by hash and not row by row.
#}
{% macro control_threshold_joins(code, parameters, at, scopes={}) -%}
    {%- for parameter in parameters %}
    {%- for scope in ["interface", "supplier", "location", "channel", "all"] if scope in scopes or scope == "all" %}
    left join (
        select
            scope_value,
            threshold_value,
            valid_from_ts,
            valid_to_ts
        from {{ ref("dim_control_threshold") }}
        where code = '{{ code }}' and parameter = '{{ parameter }}' and scope_type = '{{ scope }}'
    ) as {{ parameter }}_{{ scope }}
        on
            {{ scopes.get(scope, "substr(cast(" ~ at ~ " as string), 1, 0) || '*'") }} = {{ parameter }}_{{ scope }}.scope_value
            and {{ at }} >= {{ parameter }}_{{ scope }}.valid_from_ts
            and {{ at }} < {{ parameter }}_{{ scope }}.valid_to_ts
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}

{# The limit itself, after control_threshold_joins with the same parameter and scopes. #}
{% macro control_threshold(parameter, scopes=[]) -%}
    coalesce(
        {%- for scope in ["interface", "supplier", "location", "channel"] if scope in scopes %}
        {{ parameter }}_{{ scope }}.threshold_value,
        {%- endfor %}
        {{ parameter }}_all.threshold_value
    )
{%- endmacro %}
