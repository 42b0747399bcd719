-- One row an order: how far its lines have come together. A milestone stands when every line that passes it has
-- passed it: parcels and pickups do not wait for each other. Components of kits and substitutes are told by their
-- kit and original.
with

lines as (
    select
        *,
        ordered_qty - cancelled_qty as live_qty
    from {{ ref('fct_order_line') }}
    where is_goods and not is_kit_component and not is_substitute
)

select
    order_id,
    count(*) as goods_line_count,
    {{ whole('count(*) filter (where is_in_scope and obliged_qty > 0)') }} as in_scope_line_count,
    bool_and(fulfilment_method_code = 'pickup') as is_pickup,
    {{ whole('sum(ordered_qty)') }} as ordered_qty,
    {{ whole('sum(obliged_qty)') }} as obliged_qty,
    {{ whole('sum(cancelled_qty)') }} as cancelled_qty,
    bool_and(is_cancelled) as is_cancelled,
    case when bool_and(is_cancelled) then max(cancelled_ts) end as cancelled_ts,
    case
        when bool_and(is_cancelled) then {{ max_by_keys('cancel_initiator_code', ['cancelled_ts', 'line_no']) }}
    end as cancel_initiator_code,
    bool_and(obliged_qty = 0) as is_cancelled_before_obligation,
    {%- for step in ['released', 'allocated', 'picked', 'packed'] %}
    case when count({{ step }}_ts) filter (where live_qty > 0) = count(*) filter (where live_qty > 0)
        then max({{ step }}_ts) filter (where live_qty > 0) end as {{ step }}_ts,
    {%- endfor %}
    {%- for step, method in [
        ('shipped', 'delivery'), ('delivered', 'delivery'), ('ready', 'pickup'), ('notified', 'pickup'), ('collected', 'pickup')
    ] %}
    case
        when count({{ step }}_ts) filter (where live_qty > 0 and fulfilment_method_code = '{{ method }}')
            = count(*) filter (where live_qty > 0 and fulfilment_method_code = '{{ method }}')
            then max({{ step }}_ts) filter (where live_qty > 0 and fulfilment_method_code = '{{ method }}')
    end as {{ step }}_ts,
    {%- endfor %}
    max(first_promise_latest_ts) filter (where is_in_scope and obliged_qty > 0) as promised_latest_ts,
    coalesce(bool_and(has_promise) filter (where is_in_scope and obliged_qty > 0), false) as has_promise,
    case when bool_and(actual_ts is not null) filter (where is_in_scope and obliged_qty > 0)
        then max(actual_ts) filter (where is_in_scope and obliged_qty > 0) end as actual_ts,
    case when bool_and(completed_ts is not null) filter (where live_qty > 0)
        then max(completed_ts) filter (where live_qty > 0) end as completed_ts,
    case when bool_and(completed_ts is not null) filter (where live_qty > 0)
        then max(completed_received_ts) filter (where live_qty > 0) end as completed_received_ts,
    bool_and(is_closed) as is_closed,
    case when bool_and(is_closed) then max(closed_ts) end as closed_ts,
    min(first_shipped_ts) as first_shipped_ts,
    {{ max_by_keys('location', ["coalesce(completed_ts, actual_ts, cast('1900-01-01' as timestamp))", 'line_no']) }}
        as location
from lines
group by order_id
