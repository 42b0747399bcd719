{#
How a control reads its limits: the row of dim_control_threshold in force at the event, the most specific scope first
(interface, supplier, location, channel, then all). A limit that nobody set is null, and what depends on it is not judged.
#}

{#
The joins that bring the limits `parameters` of a control to each row. `at` is the event time; `scopes` maps a scope to the
expression that holds its value on the row.
#}
{% macro control_threshold_joins(code, parameters, at, scopes={}) -%}
    {%- for parameter in parameters %}
    {%- for scope in ["interface", "supplier", "location", "channel"] if scope in scopes %}
    left join {{ ref("dim_control_threshold") }} as {{ parameter }}_{{ scope }}
        on
            {{ parameter }}_{{ scope }}.code = '{{ code }}'
            and {{ parameter }}_{{ scope }}.parameter = '{{ parameter }}'
            and {{ parameter }}_{{ scope }}.scope_type = '{{ scope }}'
            and {{ parameter }}_{{ scope }}.scope_value = {{ scopes[scope] }}
            and {{ at }} >= {{ parameter }}_{{ scope }}.valid_from_ts
            and {{ at }} < {{ parameter }}_{{ scope }}.valid_to_ts
    {%- endfor %}
    left join {{ ref("dim_control_threshold") }} as {{ parameter }}_all
        on
            {{ parameter }}_all.code = '{{ code }}'
            and {{ parameter }}_all.parameter = '{{ parameter }}'
            and {{ parameter }}_all.scope_type = 'all'
            and {{ at }} >= {{ parameter }}_all.valid_from_ts
            and {{ at }} < {{ parameter }}_all.valid_to_ts
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
