{# What controls of whole orders share: when a cancellation was known, what is at stake, and deadlines in business hours. #}

{# A select of one row an order with cancellations: when the last of them was known. #}
{% macro control_cancellations() -%}
    select
        order_id,
        max(received_ts) as cancelled_known_ts
    from {{ ref("fct_cancellation") }}
    group by order_id
{%- endmacro %}

{#
A select of one row a set of `keys` of `relation`: the net value of its order's units not delivered at the instant `at`, a
column of it. `relation` has order_id.
#}
{% macro control_order_values(relation, keys, at) -%}
    select
        {%- for key in keys %}
        item.{{ key }},
        {%- endfor %}
        cast(sum({{ control_undelivered_value("line", "item." ~ at) }}) as decimal(18, 2)) as value_at_risk_amount
    from {{ relation }} as item
    inner join {{ ref("fct_order_line") }} as line on item.order_id = line.order_id
    where line.is_in_scope
    group by {% for key in keys %}item.{{ key }}{{ ", " if not loop.last }}{% endfor %}
{%- endmacro %}

{#
A select of every row of `relation` with due_ts: the instant at which `seconds` of work have passed since the instant `began`
on the calendar of the owner of `code`. For few rows: days are found by their range.
#}
{% macro control_business_hours(code, relation, began, seconds) -%}
    select
        item.*,
        {{ add_seconds(
            "due_day.opens_ts", worked_until("first_day", "item." ~ began) ~ " + " ~ seconds ~ " - due_day.work_seconds_before"
        ) }} as due_ts
    from {{ relation }} as item
    inner join (
        select
            code,
            max(owner_role) as owner_role
        from {{ ref("exception_catalog") }}
        group by code
    ) as owner on owner.code = '{{ code }}'
    left join {{ ref("int_control__business_day") }} as first_day
        on
            owner.owner_role = first_day.owner_role
            and item.{{ began }} >= first_day.opens_ts
            and item.{{ began }} < first_day.next_opens_ts
    left join {{ ref("int_control__business_day") }} as due_day
        on
            owner.owner_role = due_day.owner_role
            and {{ worked_until("first_day", "item." ~ began) }} + {{ seconds }} > due_day.work_seconds_before
            and {{ worked_until("first_day", "item." ~ began) }} + {{ seconds }} <= due_day.work_seconds_until
{%- endmacro %}
