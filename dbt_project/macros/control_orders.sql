{# What controls of orders and their lines share: attempts, backorders, when a cancellation was known, what is at stake. #}

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
The CTEs up to `attempts`: the allocation attempts of lines of which one meets `condition`, each with its missing_qty, what was
allocated until then (allocated_until_qty), the line's units not cancelled until then (open_qty), and the next attempt.
#}
{% macro control_attempts(condition) -%}
attempt_steps as (

    select
        *,
        greatest(requested_qty - allocated_qty, 0) as missing_qty,
        sum(allocated_qty) over upto_attempt as allocated_until_qty,
        lead(attempted_ts) over by_attempt as next_ts,
        lead(first_received_ts) over by_attempt as next_known_ts
    from {{ ref("fct_allocation_attempt") }}
    where order_line_key in (select order_line_key from {{ ref("fct_allocation_attempt") }} where {{ condition }})
    window
        by_attempt as (partition by order_line_key order by attempt_no, attempt_id),
        upto_attempt as (
            partition by order_line_key order by attempt_no, attempt_id rows between unbounded preceding and current row
        )

),

cancelled_before as (

    select
        attempts.attempt_id,
        sum(cancellations.cancelled_qty) as cancelled_qty
    from attempt_steps as attempts
    inner join {{ ref("fct_cancellation") }} as cancellations
        on
            attempts.order_line_key = cancellations.order_line_key
            and attempts.attempted_ts >= cancellations.event_ts
    group by attempts.attempt_id

),

attempts as (

    select
        attempts.*,
        line.ordered_qty - coalesce(cancelled_before.cancelled_qty, 0) as open_qty
    from attempt_steps as attempts
    inner join {{ ref("fct_order_line") }} as line on attempts.order_line_key = line.order_line_key
    left join cancelled_before on attempts.attempt_id = cancelled_before.attempt_id

)
{%- endmacro %}

{# A select of one row a set of `keys` of `relation`: the first backorder with a date of its line at or after `at`, a column of it. #}
{% macro control_dated_backorders(relation, keys, at) -%}
    select
        {%- for key in keys %}
        item.{{ key }},
        {%- endfor %}
        min(events.event_ts) as event_ts,
        {{ min_by_keys("events.first_received_ts", ["events.event_ts", "events.first_received_ts"]) }} as known_ts
    from {{ relation }} as item
    inner join {{ ref("fct_order_event") }} as events
        on item.order_line_key = events.order_line_key and item.{{ at }} <= events.event_ts
    where events.event_type = 'backordered' and events.planned_ts is not null
    group by {% for key in keys %}item.{{ key }}{{ ", " if not loop.last }}{% endfor %}
{%- endmacro %}
