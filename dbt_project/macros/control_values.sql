{# What acting now can still save, by the rules of the exception catalogue. #}

{#
Net value of the units of an order line (alias `line` of fct_order_line) that were not delivered at an instant: all of a line
that closed later, what is open of one that is open still.
#}
{% macro control_undelivered_value(line, at) -%}
    case
        when {{ line }}.closed_ts <= {{ at }} then cast(0 as decimal(18, 2))
        when {{ line }}.is_closed then {{ line }}.net_amount
        else {{ money("cast(" ~ line ~ ".net_amount * " ~ line ~ ".open_qty as double) / nullif(" ~ line ~ ".ordered_qty, 0)") }}
    end
{%- endmacro %}

{# Margin of units: price less cost of one, never below zero, null where either is not known. #}
{% macro control_margin(price, cost, quantity) -%}
    {{ money(
        "(" ~ quantity ~ ") * case when " ~ price ~ " < " ~ cost ~ " then 0 else " ~ price ~ " - " ~ cost ~ " end"
    ) }}
{%- endmacro %}

{# Margin of `quantity` units of an order line (alias of fct_order_line) at its net price. #}
{% macro control_line_margin(line, quantity) -%}
    {{ control_margin(
        "cast(" ~ line ~ ".net_amount as double) / nullif(" ~ line ~ ".ordered_qty, 0)", line ~ ".unit_cost_amount", quantity
    ) }}
{%- endmacro %}

{# An instant as text in a key, such as 2026-03-01T18:00:00; NONE where there is none. #}
{% macro control_instant(ts) -%}
    coalesce(replace(cast(date_trunc('second', {{ ts }}) as string), ' ', 'T'), 'NONE')
{%- endmacro %}

{# Minutes between two instants as an observed value. #}
{% macro control_minutes(earlier, later) -%}
    {{ decimal_of("cast(" ~ seconds_between(earlier, later) ~ " as double) / 60", 38, 6) }}
{%- endmacro %}

{#
The joins that find the end of the business day `days` after `day` on the calendar of the owner of `code`: its columns are
those of `alias`, of which day_end_ts is the deadline. A day that is no business day counts from the one before it.
#}
{% macro control_business_deadline(code, day, days, alias="due_day") -%}
    left join {{ ref("int_control__business_day") }} as {{ alias }}_start
        on
            {{ alias }}_start.date_day = {{ day }}
            and {{ alias }}_start.owner_role
            = (select max(owner_role) from {{ ref("exception_catalog") }} where code = '{{ code }}')
    left join {{ ref("int_control__business_day") }} as {{ alias }}
        on
            {{ alias }}.owner_role = {{ alias }}_start.owner_role
            and {{ alias }}.is_business_day
            and {{ alias }}.business_day_no = {{ alias }}_start.business_day_no + {{ days }}
{%- endmacro %}

{# Hours from one instant to another, or to now where that has not come, as an observed value. #}
{% macro control_waited_hours(began, ended) -%}
    {{ decimal_of(
        "cast(" ~ seconds_between(began, "coalesce(" ~ ended ~ ", " ~ as_of() ~ ")") ~ " as double) / 3600", 38, 6
    ) }}
{%- endmacro %}

{# Days of 24 hours between two instants as an observed value. #}
{% macro control_days(earlier, later) -%}
    {{ decimal_of("cast(" ~ control_minutes(earlier, later) ~ " as double) / 1440", 38, 6) }}
{%- endmacro %}
