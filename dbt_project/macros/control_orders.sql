{# What controls of whole orders share: when a cancellation was known, and what is at stake. #}

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
