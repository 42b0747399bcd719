-- Grain: one run of days at whose end the stock of a ranged item at a location does not last. E36a, by the fixed rule
-- of K35 and not by a forecast: what was sold a day over the last 28 days in stock, times the days until the next
-- inbound (none: the lead time), is more than what is available to fulfil. The lead time of a pair that transfers feed
-- is that of its lane, of the others the supplier's. It looks no further ahead than the lead time, at least a week,
-- and judges no rate of fewer than 20 days in stock: so only days with few units for the best four weeks that the pair
-- ever had need computing. A day of stock-out is E36b and ends it.
{% set fewest_days = 20 %}
{% set horizon_days = "greatest(coalesce(%s.lead_time_days, 7), 7)" %}
with sold as (

    select
        sales.location_id,
        sales.sku,
        sales.sale_date,
        sum(sales.quantity) as quantity
    from {{ ref("fct_sold_day") }} as sales
    left join {{ ref("fct_stock_out") }} as outs
        on
            sales.location_id = outs.location_id
            and sales.sku = outs.sku
            and sales.sale_date = outs.date_day
    where not coalesce(outs.is_stock_out, false)
    group by sales.location_id, sales.sku, sales.sale_date

),

lead_times as (

    select
        sku,
        min(lead_time_days) as lead_time_days
    from {{ ref("stg_erp__supplier_item") }}
    group by sku

),

lanes as (

    select
        to_location_id as location_id,
        max({{ days_between(reporting_date("created_ts"), "due_date") }}) as lane_days
    from {{ ref("fct_transfer_line") }}
    where created_ts is not null
    group by to_location_id

),

fed_pairs as (

    select distinct
        transfers.to_location_id as location_id,
        transfers.sku,
        lanes.lane_days
    from {{ ref("fct_transfer_line") }} as transfers
    inner join lanes on transfers.to_location_id = lanes.location_id
    where transfers.created_ts is not null

),

windows as (

    select
        location_id,
        sku,
        sum(quantity) over (
            partition by location_id, sku order by {{ days_between("cast('1970-01-01' as date)", "sale_date") }}
            range between 27 preceding and current row
        ) as quantity
    from sold

),

peaks as (

    select
        windows.location_id,
        windows.sku,
        max(windows.quantity) as peak_qty,
        max(coalesce(fed_pairs.lane_days, lead_times.lead_time_days)) as lead_time_days
    from windows
    left join fed_pairs on windows.location_id = fed_pairs.location_id and windows.sku = fed_pairs.sku
    left join lead_times on windows.sku = lead_times.sku
    group by windows.location_id, windows.sku

),

steps as (

    select
        steps.location_id,
        steps.sku,
        steps.available_qty,
        peaks.lead_time_days,
        {{ reporting_date("steps.from_ts") }} as from_date,
        {{ reporting_date("coalesce(steps.to_ts, " ~ as_of() ~ ")") }} as to_date
    from {{ ref("int_stock__available_step") }} as steps
    inner join peaks on steps.location_id = peaks.location_id and steps.sku = peaks.sku
    where {{ fewest_days }} * steps.available_qty < peaks.peak_qty * {{ horizon_days % "peaks" }}

),

{# The days of a step on which the item is ranged: few columns that decide before any day is made of them. #}
over_midnight as (

    select
        steps.location_id,
        steps.sku,
        greatest(steps.available_qty, 0) as available_qty,
        steps.lead_time_days,
        ranges.location,
        ranges.region,
        ranges.category,
        ranges.supplier,
        ranges._file_digest,
        ranges._line,
        ranges.first_date as range_date,
        greatest(steps.from_date, ranges.first_date) as first_date,
        least({{ add_days("steps.to_date", -1) }}, ranges.last_date) as last_date
    from steps
    inner join {{ ref("fct_stock_range") }} as ranges
        on steps.location_id = ranges.location_id and steps.sku = ranges.sku
    where
        steps.from_date < steps.to_date
        and ranges.first_date < steps.to_date
        and ranges.last_date >= steps.from_date

),

pair_days as (

    select
        steps.location_id,
        steps.sku,
        steps.available_qty,
        steps.lead_time_days,
        dates.date_day,
        {{ end_of_local_day("dates.date_day", reporting_zone()) }} as cut_ts,
        {{ add_days("dates.date_day", -27) }} as window_date,
        steps.location,
        steps.region,
        steps.category,
        steps.supplier,
        steps._file_digest,
        steps._line,
        greatest({{ add_days("dates.date_day", -28) }}, {{ add_days("steps.range_date", -1) }}) as before_date,
        coalesce(outs.is_stock_out, false) as is_stock_out
    from over_midnight as steps
    inner join {{ ref("dim_date") }} as dates
        on steps.first_date <= dates.date_day and steps.last_date >= dates.date_day
    left join {{ ref("fct_stock_out") }} as outs
        on
            steps.location_id = outs.location_id
            and steps.sku = outs.sku
            and dates.date_day = outs.date_day

),

sold_days as (

    select
        pair_days.location_id,
        pair_days.sku,
        pair_days.date_day,
        sum(sold.quantity) as sold_qty
    from pair_days
    inner join sold
        on
            pair_days.location_id = sold.location_id
            and pair_days.sku = sold.sku
            and pair_days.window_date <= sold.sale_date
            and pair_days.date_day >= sold.sale_date
    group by pair_days.location_id, pair_days.sku, pair_days.date_day

),

out_days as (

    select
        pair_days.location_id,
        pair_days.sku,
        pair_days.date_day,
        count(*) as out_count
    from pair_days
    inner join {{ ref("fct_stock_out") }} as outs
        on
            pair_days.location_id = outs.location_id
            and pair_days.sku = outs.sku
            and pair_days.before_date < outs.date_day
            and pair_days.date_day >= outs.date_day
    where outs.is_stock_out
    group by pair_days.location_id, pair_days.sku, pair_days.date_day

),

expected as (

    select
        location_id,
        sku,
        po_sent_ts as from_ts,
        coalesce(completing_receipt_ts, closed_ts) as to_ts,
        case
            when new_date_set_ts is null then coalesce(new_date, committed_date, original_commit_date)
            else coalesce(committed_date, original_commit_date)
        end as due_date,
        new_date_set_ts,
        new_date
    from {{ ref("fct_purchase_order_line") }}
    where coalesce(last_ack_type, 'none') <> 'rejected' and status_code <> 'cancelled'
    union all
    select
        to_location_id as location_id,
        sku,
        shipped_ts as from_ts,
        completed_ts as to_ts,
        due_date,
        cast(null as timestamp) as new_date_set_ts,
        cast(null as date) as new_date
    from {{ ref("fct_transfer_line") }}
    where shipped_ts is not null and status_code <> 'cancelled'

),

inbound as (

    select
        pair_days.location_id,
        pair_days.sku,
        pair_days.date_day,
        min(case when expected.new_date_set_ts <= pair_days.cut_ts then expected.new_date else expected.due_date end)
            as due_date
    from pair_days
    inner join expected
        on
            pair_days.location_id = expected.location_id
            and pair_days.sku = expected.sku
            and pair_days.cut_ts >= expected.from_ts
    where coalesce(expected.to_ts > pair_days.cut_ts, true)
    group by pair_days.location_id, pair_days.sku, pair_days.date_day

),

measured as (

    select
        pair_days.*,
        coalesce(sold_days.sold_qty, 0) as sold_qty,
        this_day.open_day_no - coalesce(before.open_day_no, 0) - coalesce(out_days.out_count, 0) as in_stock_days,
        case
            when inbound.due_date is null then pair_days.lead_time_days
            else least(
                greatest({{ days_between("pair_days.date_day", "inbound.due_date") }} - 1, 0),
                {{ horizon_days % "pair_days" }}
            )
        end as wait_days,
        {{ control_threshold("cuts", ["location"]) }} as fewest_cuts
    from pair_days
    left join sold_days
        on
            pair_days.location_id = sold_days.location_id
            and pair_days.sku = sold_days.sku
            and pair_days.date_day = sold_days.date_day
    left join out_days
        on
            pair_days.location_id = out_days.location_id
            and pair_days.sku = out_days.sku
            and pair_days.date_day = out_days.date_day
    left join inbound
        on
            pair_days.location_id = inbound.location_id
            and pair_days.sku = inbound.sku
            and pair_days.date_day = inbound.date_day
    inner join {{ ref("dim_location_day") }} as this_day
        on pair_days.location_id = this_day.location_id and pair_days.date_day = this_day.date_day
    left join {{ ref("dim_location_day") }} as before
        on pair_days.location_id = before.location_id and pair_days.before_date = before.date_day
    {{ control_threshold_joins(
        "E36a", ["cuts"], at="pair_days.cut_ts", scopes={"location": "pair_days.location"}
    ) }}

),

risky as (

    select
        *,
        {{ days_between("cast('1970-01-01' as date)", "date_day") }}
        - row_number() over (partition by location_id, sku order by date_day) as run_no
    from measured
    where
        in_stock_days >= {{ fewest_days }}
        and not is_stock_out
        and sold_qty * wait_days > available_qty * in_stock_days

),

numbered as (

    select
        *,
        row_number() over (partition by location_id, sku, run_no order by date_day) as cut_no,
        {{ decimal_of("cast(available_qty * in_stock_days as double) / sold_qty", 38, 6) }} as cover_days,
        {{ decimal_of("cast(sold_qty * wait_days as double) / in_stock_days", 38, 6) }} - available_qty as short_qty
    from risky

),

runs as (

    select
        location_id,
        sku,
        min(location) as location,
        min(region) as region,
        min(category) as category,
        min(supplier) as supplier,
        min(date_day) as first_day,
        {{ add_days("max(date_day)", 1) }} as next_day,
        max(fewest_cuts) as fewest_cuts,
        min(cut_ts) filter (where cut_no = fewest_cuts) as opened_ts,
        min(cover_days) as observed_value,
        {{ min_by_keys("wait_days", ["cover_days", "date_day"]) }} as threshold_value,
        max(short_qty) as short_qty,
        {{ min_by_keys("_file_digest", ["date_day"]) }} as _file_digest,
        {{ min_by_keys("_line", ["date_day"]) }} as _line
    from numbered
    group by location_id, sku, run_no

),

endings as (

    select
        runs.*,
        {{ end_of_local_day("runs.next_day", reporting_zone()) }} as next_cut_ts,
        coalesce(outs.is_stock_out, false) as is_next_out
    from runs
    left join {{ ref("fct_stock_out") }} as outs
        on runs.location_id = outs.location_id and runs.sku = outs.sku and runs.next_day = outs.date_day

),

assessed as (

    select
        endings.*,
        endings.sku || '|' || endings.location_id as business_key,
        cast(endings.first_day as string) as opening_key,
        {{ control_silence_known("endings.opened_ts", "endings.opened_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        case when endings.next_cut_ts <= {{ as_of() }} then endings.next_cut_ts end as ended_ts,
        endings.next_cut_ts as ended_known_ts,
        case when endings.is_next_out then 'stocked out' else 'lasts again' end as ended_reason,
        case when endings.fewest_cuts is null then 'not_enough_data' end as blocked_code,
        {{ control_margin("products.list_price_amount", "costs.unit_cost_amount", "endings.short_qty") }}
            as value_at_risk_amount
    from endings
    left join {{ ref("dim_product") }} as products on endings.sku = products.sku
    left join {{ ref("dim_item_cost") }} as costs
        on
            endings.sku = costs.sku
            and endings.first_day >= costs.valid_from_date
            and endings.first_day < costs.valid_to_date
    {{ control_coverage("'inventory_movement'", "endings.opened_ts") }}

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E36a",
    "'assortment'",
    has=[
        "location", "region", "category", "supplier", "sku", "observed_value", "threshold_value",
        "value_at_risk_amount",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"]
) }}
