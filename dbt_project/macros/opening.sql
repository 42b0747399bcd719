{#
Open time of locations, from running totals of dim_location_day: the time between two instants is a difference, so it is counted
in columns and never walked through. An instant in closed time stands where the last opening ended.
#}

{# The join that finds the day of an instant at a location; `alias` then names its row. #}
{% macro opening_day(alias, location_id, ts, zone) -%}
    left join {{ ref('dim_location_day') }} as {{ alias }}
        on
            {{ location_id }} = {{ alias }}.location_id
            and {{ local_date(ts, zone) }} = {{ alias }}.date_day
{%- endmacro %}

{# Open seconds of a location up to an instant, by the row of its day; an opening may end after midnight. #}
{% macro open_seconds_until(day, ts) -%}
    cast(
        {{ day }}.open_seconds_before
        - greatest({{ seconds_between(ts, day ~ '.previous_closes_ts') }}, 0)
        + least(greatest({{ seconds_between(day ~ '.opens_ts', ts) }}, 0), {{ day }}.open_seconds) as decimal(18, 3)
    )
{%- endmacro %}

{# Open seconds from one instant to another, by the rows of their days; negative when the second is earlier. #}
{% macro open_seconds_between(first_day, first_ts, second_day, second_ts) -%}
    case
        when {{ second_ts }} < {{ first_ts }} then {{ seconds_between(first_ts, second_ts) }}
        else cast(
            {{ open_seconds_until(second_day, second_ts) }} - {{ open_seconds_until(first_day, first_ts) }} as decimal(18, 3)
        )
    end
{%- endmacro %}

{# The joins that find the two open days after the day of `day`, which open_deadline needs. #}
{% macro open_days_after(day) -%}
    {%- for step in [1, 2] %}
    left join {{ ref('dim_location_day') }} as {{ day }}_{{ step }}
        on
            {{ day }}.location_id = {{ day }}_{{ step }}.location_id
            and {{ day }}.open_day_no + {{ step }} = {{ day }}_{{ step }}.open_day_no
            and {{ day }}_{{ step }}.is_open
    {%- endfor %}
{%- endmacro %}

{# The instant at which `seconds` of open time have passed since an instant; null when that takes more than two further days. #}
{% macro open_deadline(day, ts, seconds) -%}
    {%- set target = '(' ~ open_seconds_until(day, ts) ~ ' + ' ~ seconds ~ ')' -%}
    case
        when {{ target }} <= {{ day }}.open_seconds_before
            then {{ add_seconds(day ~ '.previous_closes_ts', target ~ ' - ' ~ day ~ '.open_seconds_before') }}
        {%- for name in [day, day ~ '_1', day ~ '_2'] %}
        when {{ target }} <= {{ name }}.open_seconds_until
            then {{ add_seconds(name ~ '.opens_ts', target ~ ' - ' ~ name ~ '.open_seconds_before') }}
        {%- endfor %}
    end
{%- endmacro %}
