{#
Units that a node was asked for and does not give (E17a, E17b, E23, E25): the same rule over other kinds of shortage.
#}

{#
The CTE `assessed` for control `code` over the rows of int_control__part_shortage that meet `condition` (aliases shortage
and line); `key` is the expression of the business key. With a grace the silence until its end opens the exception,
without one the row that tells of the shortage.
#}
{% macro control_part_shortage(code, condition, key, has_grace=true) -%}
{%- set scopes = ["channel", "location"] %}
{%- set scope_columns = {"channel": "line.channel", "location": "shortage.location_id"} %}
shortages as (

    select
        shortage.*,
        {{ key }} as business_key,
        line.order_id,
        line.sku,
        line.channel,
        line.region,
        line.category,
        line.supplier,
        line.first_promise_latest_ts as promise_latest_ts,
        orders.customer_id,
        {{ mapped_dim("shortage.location_id", "locations.location_id") }} as location,
        {{ control_threshold("units", scopes) }} as threshold_value,
        {% if has_grace -%}
        {{ add_seconds("shortage.short_ts", "60 * " ~ control_threshold("grace", scopes)) }}
        {%- else -%}
        shortage.short_ts
        {%- endif %} as deadline_ts,
        {{ money("cast(line.net_amount * shortage.missing_qty as double) / nullif(line.ordered_qty, 0)") }}
            as value_at_risk_amount
    from {{ ref("int_control__part_shortage") }} as shortage
    inner join {{ ref("fct_order_line") }} as line on shortage.order_line_key = line.order_line_key
    inner join {{ ref("fct_order") }} as orders on line.order_id = orders.order_id
    left join {{ ref("dim_location") }} as locations on shortage.location_id = locations.location_id
    {{ control_threshold_joins(
        code, ["units", "grace"] if has_grace else ["units"], at="shortage.short_ts", scopes=scope_columns
    ) }}
    where {{ condition }}

),

assessed as (

    select
        shortages.*,
        shortages.shortage_key as opening_key,
        shortages.deadline_ts as opened_ts,
        {% if has_grace -%}
        {{ control_silence_known("shortages.deadline_ts", "shortages.short_known_ts", beside="event_coverage") }}
        {%- else -%}
        {{ control_rows_known("shortages.short_known_ts", "event_coverage") }}
        {%- endif %} as detected_ts,
        coalesce(coverage.is_overdue, event_coverage.is_overdue) or coalesce(event_coverage.is_overdue, false)
            as is_evidence_overdue,
        case
            when shortages.threshold_value is null or shortages.deadline_ts is null then 'not_enough_data'
            when shortages.missing_qty < shortages.threshold_value then 'pass'
        end as blocked_code,
        shortages.missing_qty as observed_value,
        case when shortages.customer_id is not null then 1 end as customers_affected,
        1 as open_orders_touched
    from shortages
    {{ control_coverage("'fulfilment_line'", "shortages.deadline_ts") }}
    {{ control_coverage("'order_event'", "shortages.deadline_ts", alias="event_coverage") }}

),
{%- endmacro %}

{# The final select after control_part_shortage, control_verdict and control_episodes. #}
{% macro control_shortage_select(code) -%}
{{ control_select(
    code,
    "evidence_entity",
    has=[
        "channel", "location", "region", "category", "supplier", "order_id", "order_line_key", "sku", "observed_value",
        "threshold_value", "value_at_risk_amount", "customers_affected", "promise_latest_ts", "open_orders_touched",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"]
) }}
{%- endmacro %}
