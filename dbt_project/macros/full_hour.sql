{#
Spans of time that are judged at full hours: an instant becomes the number of the first full hour that is not before it, so
that what begins and ends between two full hours is in force at none. Hours are those of UTC, counted from 1970.
#}

{# Number of the first full hour at or after an instant, bigint. #}
{% macro full_hour(ts) -%}
    {{ adapter.dispatch('full_hour', 'signalbox')(ts) }}
{%- endmacro %}

{% macro duckdb__full_hour(ts) -%}
    ((epoch_us({{ ts }}) + 3599999999) // 3600000000)
{%- endmacro %}

{% macro spark__full_hour(ts) -%}
    ((unix_micros({{ ts }}) + 3599999999) div 3600000000)
{%- endmacro %}

{# Number of the first full hour of a day of the reporting zone. #}
{% macro first_hour_of_day(day) -%}
    {{ full_hour(local_instant(day, "'00:00'", reporting_zone())) }}
{%- endmacro %}

{# Number of the first full hour after the build's instant. #}
{% macro hour_after_as_of() -%}
    {{ full_hour(add_seconds(as_of(), '0.000001')) }}
{%- endmacro %}

{# The hour until which a span lasts that has no end. #}
{% macro no_last_hour() -%}
    cast(99999999 as bigint)
{%- endmacro %}

{# The quota of an item that has none: more units than there are. #}
{% macro no_quota() -%}
    cast(1000000000000 as bigint)
{%- endmacro %}
