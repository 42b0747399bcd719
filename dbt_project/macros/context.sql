{#
The one row that every build is about: its instant, its zone, its currency. Models read them as literals through
these macros, never from a clock; unit tests override the macros.
#}

{% macro context_value(column_name) -%}
    {%- if execute -%}
        {{- return(adapter.dispatch('context_value', 'signalbox')(column_name)) -}}
    {%- else -%}
        {{- return("1970-01-01 00:00:00" if column_name in ["as_of", "cut_over_ts"] else "UTC" if "zone" in column_name else "EUR") -}}
    {%- endif -%}
{%- endmacro %}

{% macro default__context_value(column_name) -%}
    {%- set result = run_query("select cast(" ~ column_name ~ " as string) from raw.build_context") -%}
    {%- if result | length != 1 -%}
        {{ exceptions.raise_compiler_error("raw.build_context must hold one row, it holds " ~ result | length) }}
    {%- endif -%}
    {{- return(result.columns[0].values()[0]) -}}
{%- endmacro %}

{# A query takes Spark a third of a second, and models ask hundreds of times: the build hands the row over in the environment. #}
{% macro spark__context_value(column_name) -%}
    {%- set given = env_var("SIGNALBOX_CONTEXT_" ~ column_name | upper, "") -%}
    {{- return(given or signalbox.default__context_value(column_name)) -}}
{%- endmacro %}

{# The instant as of which the build tells the state of the world: a timestamp literal, UTC. #}
{% macro as_of() -%}
    cast('{{ context_value("as_of") }}' as timestamp)
{%- endmacro %}

{# What opened before this instant is no exception of this tower: a timestamp literal, UTC. #}
{% macro cut_over() -%}
    cast('{{ context_value("cut_over_ts") }}' as timestamp)
{%- endmacro %}

{# The retailer's reporting time zone: a text literal with an IANA name. #}
{% macro reporting_zone() -%}
    '{{ context_value("reporting_time_zone") }}'
{%- endmacro %}

{# The retailer's reporting currency: a text literal, ISO 4217. #}
{% macro reporting_currency() -%}
    '{{ context_value("reporting_currency") }}'
{%- endmacro %}
