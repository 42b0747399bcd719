{#
What waits at a node (E19a, E20, E21): a select of the parts that stood open there at an instant, by the columns `keys` of
`relation`, which has location_id and `at`. `condition` may speak of the part (alias part) and of the row (alias node).
#}
{% macro control_node_parts(relation, keys, at, condition="true") -%}
    select
        {%- for key in keys %}
        node.{{ key }},
        {%- endfor %}
        cast(
            sum({{ money("cast(line.net_amount * part.requested_qty as double) / nullif(line.ordered_qty, 0)") }})
            as decimal(18, 2)
        ) as value_at_risk_amount,
        min(line.first_promise_latest_ts) as promise_latest_ts,
        count(distinct orders.customer_id) as customers_affected,
        count(distinct part.order_id) as open_orders_touched
    from {{ relation }} as node
    inner join {{ ref("int_kpi__fulfilment_step") }} as part
        on
            node.location_id = part.location_id
            and part.exclusion_reason is null
            and part.assigned_ts <= node.{{ at }}
            and coalesce(part.ended_ts > node.{{ at }}, true)
    inner join {{ ref("fct_order_line") }} as line on part.order_line_key = line.order_line_key
    inner join {{ ref("fct_order") }} as orders on part.order_id = orders.order_id
    where {{ condition }}
    group by {% for key in keys %}node.{{ key }}{{ ", " if not loop.last }}{% endfor %}
{%- endmacro %}

{#
The CTEs up to `assessed` for control `code`: a node and day whose load passes a limit within `days` days before it, or on
it. `required` is what the load asks for, `available` what the day has (aliases of int_control__node_load columns). Opens
above the limit `open`, closes at the limit `close` or below.
#}
{% macro control_node_load(code, days, required, available) -%}
changes as (

    select
        loads.*,
        coalesce(locations.time_zone, {{ reporting_zone() }}) as time_zone,
        cast({{ required }} as decimal(38, 6)) as required_value,
        cast({{ available }} as decimal(38, 6)) as available_value,
        {{ control_threshold("open", ["location"]) }} as open_limit,
        {{ control_threshold("close", ["location"]) }} as close_limit
    from {{ ref("int_control__node_load") }} as loads
    left join {{ ref("dim_location") }} as locations on loads.location_id = locations.location_id
    {{ control_threshold_joins(
        code, ["open", "close"], at="cast(loads.load_date as timestamp)", scopes={"location": "loads.location_id"}
    ) }}

),

windows as (

    select
        *,
        {{ local_instant(add_days("load_date", -days), "'00:00'", "time_zone") }} as window_ts,
        {{ end_of_local_day("load_date", "time_zone") }} as day_end_ts
    from changes

),

spans as (

    select
        *,
        greatest(from_ts, window_ts) as seen_ts,
        required_value > open_limit * available_value as is_above,
        required_value <= close_limit * available_value as is_within
    from windows
    where coalesce(until_ts > window_ts, true) and from_ts < day_end_ts

),

edges as (

    select
        *,
        coalesce(lag(is_above) over (partition by location_id, load_date order by from_ts), false) as was_above
    from spans

),

risings as (

    select
        *,
        location_id || '|' || cast(load_date as string) as business_key,
        {{ control_instant("seen_ts") }} as opening_key
    from edges
    where is_above and not was_above and seen_ts <= {{ as_of() }}

),

fallings as (

    select
        risings.business_key,
        risings.opening_key,
        min(spans.seen_ts) as event_ts
    from risings
    inner join spans
        on
            risings.location_id = spans.location_id
            and risings.load_date = spans.load_date
            and risings.seen_ts < spans.seen_ts
    where spans.is_within
    group by risings.business_key, risings.opening_key

),

waiting as (

    {{ control_node_parts(
        "risings", ["business_key", "opening_key"], "seen_ts", "part.due_out_date <= node.load_date"
    ) }}

),

node_days as (

    select
        location_id,
        load_date,
        location_id || '|' || cast(load_date as string) as business_key,
        max(location) as location,
        max(region) as region,
        max(available_value) as available_value,
        max(open_limit) as threshold_value,
        max(day_end_ts) as day_end_ts,
        max(known_ts) as known_ts,
        max(_file_digest) as _file_digest,
        max(_line) as _line,
        max(required_value) as required_value
    from spans
    group by location_id, load_date

),

assessed as (

    select
        node_days.*,
        risings.opening_key,
        risings.seen_ts as opened_ts,
        {{ control_silence_known("risings.seen_ts", "node_days.known_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        {{ control_first_ending([
            ["fallings.event_ts", "fallings.event_ts", "'back within the limit'"],
            [
                "case when node_days.day_end_ts <= " ~ as_of() ~ " then node_days.day_end_ts end",
                "node_days.day_end_ts",
                "'day over'",
            ],
        ]) }},
        case
            when node_days.available_value is null or node_days.threshold_value is null then 'not_enough_data'
        end as blocked_code,
        {{ decimal_of(
            "cast(node_days.required_value as double) / nullif(node_days.available_value, 0)", 38, 6
        ) }} as observed_value,
        waiting.value_at_risk_amount,
        waiting.promise_latest_ts,
        waiting.customers_affected,
        waiting.open_orders_touched
    from node_days
    left join risings on node_days.business_key = risings.business_key
    left join fallings
        on risings.business_key = fallings.business_key and risings.opening_key = fallings.opening_key
    left join waiting on risings.business_key = waiting.business_key and risings.opening_key = waiting.opening_key
    {{ control_coverage("'fulfilment_line'", "risings.seen_ts") }}

),
{%- endmacro %}
