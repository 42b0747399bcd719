-- Grain: one line of a goods receipt. E19b: its goods have arrived and are not put away after the limit in open
-- hours of the location. The lines of a receipt are one exception, from the first limit missed to the last line
-- put away.
with lines as (

    select
        lines.receipt_id,
        lines.line_no,
        lines.location_id,
        lines.location,
        lines.region,
        lines.category,
        lines.supplier,
        lines.sku,
        coalesce(lines.arrived_ts, lines.receipt_ts) as arrived_ts,
        lines.putaway_ts,
        lines.first_received_ts as known_ts,
        lines.received_ts as putaway_known_ts,
        lines._file_digest,
        lines._line,
        {{ control_margin("products.list_price_amount", "orders.unit_cost_amount", "lines.good_qty") }} as margin_amount
    from {{ ref("fct_receipt_line") }} as lines
    left join {{ ref("dim_product") }} as products on lines.sku = products.sku
    left join {{ ref("fct_purchase_order_line") }} as orders on lines.po_line_key = orders.po_line_key
    where lines.good_qty > 0

),

placed as (

    select
        lines.*,
        coalesce(locations.time_zone, {{ reporting_zone() }}) as time_zone,
        {{ control_threshold("limit", ["location"]) }} as limit_hours,
        coalesce(lines.putaway_ts, {{ as_of() }}) as waited_until_ts
    from lines
    left join {{ ref("dim_location") }} as locations on lines.location_id = locations.location_id
    {{ control_threshold_joins(
        "E19b", ["limit"], at="lines.arrived_ts", scopes={"location": "lines.location_id"}
    ) }}

),

waits as (

    select
        placed.*,
        arrived_day.open_day_no,
        {{ open_seconds_until("arrived_day", "placed.arrived_ts") }} + 3600 * placed.limit_hours as target_seconds,
        {{ open_seconds_between("arrived_day", "placed.arrived_ts", "waited_day", "placed.waited_until_ts") }}
            as waited_seconds
    from placed
    {{ opening_day("arrived_day", "placed.location_id", "placed.arrived_ts", "placed.time_zone") }}
    {{ opening_day("waited_day", "placed.location_id", "placed.waited_until_ts", "placed.time_zone") }}

),

-- The limit falls on one of the open days that follow, even where a location opens for an hour a day.
open_days as (

    select
        waits.receipt_id,
        waits.line_no,
        waits.location_id,
        waits.target_seconds,
        waits.open_day_no + steps.step_no as open_day_no
    from waits
    cross join (
        {%- for step in range(25) %}
        select {{ step }} as step_no{{ " union all" if not loop.last }}
        {%- endfor %}
    ) as steps

),

deadlines as (

    select
        waits.receipt_id,
        waits.line_no,
        min({{ add_seconds("day.opens_ts", "waits.target_seconds - day.open_seconds_before") }}) as deadline_ts
    from open_days as waits
    inner join {{ ref("dim_location_day") }} as day
        on waits.location_id = day.location_id and waits.open_day_no = day.open_day_no
    where
        day.is_open
        and waits.target_seconds > day.open_seconds_before
        and waits.target_seconds <= day.open_seconds_until
    group by waits.receipt_id, waits.line_no

),

assessed as (

    select
        waits.*,
        waits.receipt_id as business_key,
        cast(waits.line_no as string) || '|' || {{ control_instant("deadlines.deadline_ts") }} as opening_key,
        deadlines.deadline_ts as opened_ts,
        {{ control_silence_known("deadlines.deadline_ts", "waits.known_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        waits.putaway_ts as ended_ts,
        waits.putaway_known_ts as ended_known_ts,
        'put away' as ended_reason,
        case
            when waits.target_seconds is null then 'not_enough_data'
            when deadlines.deadline_ts is null then 'not_applicable'
        end as blocked_code,
        case
            when waits.putaway_ts is not null or deadlines.deadline_ts <= {{ as_of() }}
                then {{ decimal_of("cast(waits.waited_seconds as double) / 3600", 38, 6) }}
        end as observed_value,
        waits.limit_hours as threshold_value,
        cast(
            sum(
                case when coalesce(waits.putaway_ts, {{ as_of() }}) > deadlines.deadline_ts then waits.margin_amount end
            ) over (partition by waits.receipt_id) as decimal(18, 2)
        ) as value_at_risk_amount
    from waits
    left join deadlines on waits.receipt_id = deadlines.receipt_id and waits.line_no = deadlines.line_no
    {{ control_coverage("'receipt_line'", "deadlines.deadline_ts") }}

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["observed_value"]) }}

{{ control_select(
    "E19b",
    "'receipt_line'",
    has=[
        "location", "region", "category", "supplier", "sku", "observed_value", "threshold_value", "value_at_risk_amount",
    ],
    relation="episodes",
    largest=["observed_value"]
) }}
