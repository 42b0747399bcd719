{#
Dates, instants and what lies between them. Engines differ most here, so models use these macros and no date arithmetic.
Instants are UTC timestamps without zone.
#}

{# The day on which an instant falls in a zone (a text expression). #}
{% macro local_date(ts, zone) -%}
    {{ adapter.dispatch('local_date', 'signalbox')(ts, zone) }}
{%- endmacro %}

{% macro duckdb__local_date(ts, zone) -%}
    cast(timezone({{ zone }}, timezone('UTC', {{ ts }})) as date)
{%- endmacro %}

{% macro spark__local_date(ts, zone) -%}
    cast(from_utc_timestamp({{ ts }}, {{ zone }}) as date)
{%- endmacro %}

{# The period day of an instant: midnight to midnight in the reporting zone. #}
{% macro reporting_date(ts) -%}
    {{ local_date(ts, reporting_zone()) }}
{%- endmacro %}

{# The hour that a clock in the zone shows at an instant, bigint, 0 to 23. #}
{% macro local_hour(ts, zone) -%}
    {{ adapter.dispatch('local_hour', 'signalbox')(ts, zone) }}
{%- endmacro %}

{% macro duckdb__local_hour(ts, zone) -%}
    cast(hour(timezone({{ zone }}, timezone('UTC', {{ ts }}))) as bigint)
{%- endmacro %}

{% macro spark__local_hour(ts, zone) -%}
    cast(hour(from_utc_timestamp({{ ts }}, {{ zone }})) as bigint)
{%- endmacro %}

{# The instant at which a day ends in a zone: a deadline given as a date ends here. #}
{% macro end_of_local_day(day, zone) -%}
    {{ local_instant(add_days(day, 1), "'00:00'", zone) }}
{%- endmacro %}

{# The instant of a local clock time (text HH:MM) on a day in a zone. #}
{% macro local_instant(day, clock, zone) -%}
    {{ adapter.dispatch('local_instant', 'signalbox')(day, clock, zone) }}
{%- endmacro %}

{% macro duckdb__local_instant(day, clock, zone) -%}
    timezone('UTC', timezone({{ zone }}, cast({{ day }} as date) + cast({{ clock }} as time)))
{%- endmacro %}

{#
Of a clock time that a day has twice DuckDB takes the later instant and Spark the earlier one; an hour on, the same clock shows
the same time only then.
#}
{% macro spark__local_instant(day, clock, zone) -%}
    {%- set local = "cast(cast(cast(" ~ day ~ " as date) as string) || ' ' || " ~ clock ~ " as timestamp)" -%}
    {%- set instant = "to_utc_timestamp(" ~ local ~ ", " ~ zone ~ ")" -%}
    case
        when from_utc_timestamp({{ instant }} + interval 1 hour, {{ zone }}) = {{ local }} then {{ instant }} + interval 1 hour
        else {{ instant }}
    end
{%- endmacro %}

{# Seconds from one instant to another, decimal(18,3); negative when the second is earlier. #}
{% macro seconds_between(earlier, later) -%}
    {{ adapter.dispatch('seconds_between', 'signalbox')(earlier, later) }}
{%- endmacro %}

{% macro duckdb__seconds_between(earlier, later) -%}
    cast((epoch_us({{ later }}) - epoch_us({{ earlier }})) // 1000 * 0.001 as decimal(18, 3))
{%- endmacro %}

{% macro spark__seconds_between(earlier, later) -%}
    cast(((unix_micros({{ later }}) - unix_micros({{ earlier }})) div 1000) * 0.001 as decimal(18, 3))
{%- endmacro %}

{# An instant some seconds later; the number may be an expression. #}
{% macro add_seconds(ts, seconds) -%}
    {{ adapter.dispatch('add_seconds', 'signalbox')(ts, seconds) }}
{%- endmacro %}

{% macro duckdb__add_seconds(ts, seconds) -%}
    ({{ ts }} + to_microseconds(cast(({{ seconds }}) * cast(1000000 as bigint) as bigint)))
{%- endmacro %}

{% macro spark__add_seconds(ts, seconds) -%}
    timestamp_micros(unix_micros({{ ts }}) + cast(round(({{ seconds }}) * cast(1000000 as bigint)) as bigint))
{%- endmacro %}

{# A date some days later; the number may be an expression. #}
{% macro add_days(day, days) -%}
    {{ adapter.dispatch('add_days', 'signalbox')(day, days) }}
{%- endmacro %}

{% macro duckdb__add_days(day, days) -%}
    cast(cast({{ day }} as date) + cast({{ days }} as integer) as date)
{%- endmacro %}

{% macro spark__add_days(day, days) -%}
    date_add(cast({{ day }} as date), cast(round({{ days }}) as integer))
{%- endmacro %}

{# Calendar days from one date to another, bigint; negative when the second is earlier. #}
{% macro days_between(earlier, later) -%}
    {{ adapter.dispatch('days_between', 'signalbox')(earlier, later) }}
{%- endmacro %}

{% macro duckdb__days_between(earlier, later) -%}
    cast(cast({{ later }} as date) - cast({{ earlier }} as date) as bigint)
{%- endmacro %}

{% macro spark__days_between(earlier, later) -%}
    cast(datediff(cast({{ later }} as date), cast({{ earlier }} as date)) as bigint)
{%- endmacro %}

{# ISO weekday of a date, 1 = Monday … 7 = Sunday, bigint. #}
{% macro iso_weekday(day) -%}
    {{ adapter.dispatch('iso_weekday', 'signalbox')(day) }}
{%- endmacro %}

{% macro duckdb__iso_weekday(day) -%}
    cast(isodow({{ day }}) as bigint)
{%- endmacro %}

{% macro spark__iso_weekday(day) -%}
    cast(extract(dayofweek_iso from {{ day }}) as bigint)
{%- endmacro %}

{# Year of the ISO week of a date, bigint: the first days of January may belong to the year before. #}
{% macro iso_year(day) -%}
    {{ adapter.dispatch('iso_year', 'signalbox')(day) }}
{%- endmacro %}

{% macro duckdb__iso_year(day) -%}
    cast(extract(isoyear from {{ day }}) as bigint)
{%- endmacro %}

{% macro spark__iso_year(day) -%}
    cast(extract(yearofweek from {{ day }}) as bigint)
{%- endmacro %}

{# The later of two instants; the other one when one is null. #}
{% macro greatest_ts(first, second) -%}
    greatest(coalesce({{ first }}, {{ second }}), coalesce({{ second }}, {{ first }}))
{%- endmacro %}

{# The earlier of two instants; the other one when one is null. #}
{% macro least_ts(first, second) -%}
    least(coalesce({{ first }}, {{ second }}), coalesce({{ second }}, {{ first }}))
{%- endmacro %}

{# A table expression with one row a day, column `date_day`, from one date to another, both included. #}
{% macro date_spine(first_day, last_day) -%}
    {{ adapter.dispatch('date_spine', 'signalbox')(first_day, last_day) }}
{%- endmacro %}

{% macro duckdb__date_spine(first_day, last_day) -%}
    (
        select cast(spine.day_ts as date) as date_day
        from generate_series(
            cast({{ first_day }} as timestamp), cast({{ last_day }} as timestamp), interval 1 day
        ) as spine (day_ts)
    )
{%- endmacro %}

{% macro spark__date_spine(first_day, last_day) -%}
    (
        select explode(sequence(cast({{ first_day }} as date), cast({{ last_day }} as date), interval 1 day)) as date_day
    )
{%- endmacro %}

{# Calendar month of a date as text, YYYY-MM. #}
{% macro month_text(day) -%}
    substr(cast({{ day }} as string), 1, 7)
{%- endmacro %}

{#
Working seconds of a role's calendar until an instant. `day` is the alias of the row of int_control__business_day on which the
instant falls; the difference of two such numbers of one role is the working time between two instants.
#}
{% macro worked_until(day, ts) -%}
    {{ day }}.work_seconds_before + least(
        greatest({{ seconds_between(day ~ '.opens_ts', ts) }}, 0), {{ day }}.work_seconds_until - {{ day }}.work_seconds_before
    )
{%- endmacro %}
