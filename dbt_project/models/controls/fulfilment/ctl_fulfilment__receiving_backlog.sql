-- Grain: one goods receipt. E19b: the goods have arrived and are not put away after the limit in open hours of the
-- location.
with lines as (

    select
        lines.*,
        {{ control_margin("products.list_price_amount", "orders.unit_cost_amount", "lines.good_qty") }} as margin_amount
    from {{ ref("fct_receipt_line") }} as lines
    left join {{ ref("dim_product") }} as products on lines.sku = products.sku
    left join {{ ref("fct_purchase_order_line") }} as orders on lines.po_line_key = orders.po_line_key

),

receipts as (

    select
        receipt_id,
        max(location_id) as location_id,
        max(location) as location,
        max(region) as region,
        max(supplier) as supplier,
        min(coalesce(arrived_ts, receipt_ts)) as arrived_ts,
        case when count(putaway_ts) = count(*) then max(putaway_ts) end as putaway_ts,
        min(first_received_ts) as known_ts,
        max(received_ts) as putaway_known_ts,
        sum(margin_amount) as value_at_risk_amount,
        sum(good_qty) as good_qty,
        {{ min_by_keys("_file_digest", ["line_no", "_file_digest"]) }} as _file_digest,
        {{ min_by_keys("_line", ["line_no", "_file_digest"]) }} as _line
    from lines
    group by receipt_id

),

placed as (

    select
        receipts.*,
        coalesce(locations.time_zone, {{ reporting_zone() }}) as time_zone,
        {{ control_threshold("limit", ["location"]) }} as limit_hours,
        coalesce(receipts.putaway_ts, {{ as_of() }}) as waited_until_ts
    from receipts
    left join {{ ref("dim_location") }} as locations on receipts.location_id = locations.location_id
    {{ control_threshold_joins("E19b", ["limit"], at="receipts.arrived_ts", scopes={"location": "receipts.location_id"}) }}
    where receipts.good_qty > 0

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

-- The limit falls on one of the open days that follow; a location that opens for an hour a day is told of within a month.
deadlines as (

    select
        waits.receipt_id,
        min({{ add_seconds("day.opens_ts", "waits.target_seconds - day.open_seconds_before") }}) as deadline_ts
    from waits
    cross join (
        {%- for step in range(25) %}
        select {{ step }} as step_no{{ " union all" if not loop.last }}
        {%- endfor %}
    ) as steps
    inner join {{ ref("dim_location_day") }} as day
        on
            waits.location_id = day.location_id
            and waits.open_day_no + steps.step_no = day.open_day_no
            and day.is_open
    where waits.target_seconds > day.open_seconds_before and waits.target_seconds <= day.open_seconds_until
    group by waits.receipt_id

),

assessed as (

    select
        waits.*,
        waits.receipt_id as business_key,
        {{ control_instant("deadlines.deadline_ts") }} as opening_key,
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
        {{ decimal_of("cast(waits.waited_seconds as double) / 3600", 38, 6) }} as observed_value,
        waits.limit_hours as threshold_value
    from waits
    left join deadlines on waits.receipt_id = deadlines.receipt_id
    {{ control_coverage("'receipt_line'", "deadlines.deadline_ts") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E19b",
    "'receipt_line'",
    has=["location", "region", "supplier", "observed_value", "threshold_value", "value_at_risk_amount"],
    is_running=true
) }}
