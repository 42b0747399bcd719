-- Grain: one run of a location's open days on which a ranged item was stocked out. E36b: nothing was available to
-- fulfil for half of the open hours or more, on as many days running as the limit says. Pairs never out have no row.
with outs as (

    select
        outs.location_id,
        outs.sku,
        outs.date_day,
        ranges.location,
        ranges.region,
        ranges.category,
        ranges.supplier,
        ranges.last_date,
        ranges._file_digest,
        ranges._line,
        days.opens_ts,
        days.closes_ts,
        days.open_day_no,
        days.open_day_no - row_number() over (
            partition by outs.location_id, outs.sku, ranges.first_date order by days.open_day_no
        ) as run_no
    from {{ ref("fct_stock_out") }} as outs
    inner join {{ ref("fct_stock_range") }} as ranges
        on
            outs.location_id = ranges.location_id
            and outs.sku = ranges.sku
            and outs.date_day >= ranges.first_date
            and outs.date_day <= ranges.last_date
    inner join {{ ref("dim_location_day") }} as days
        on outs.location_id = days.location_id and outs.date_day = days.date_day
    where outs.is_stock_out and days.is_open

),

limited as (

    select
        outs.*,
        {{ control_threshold("days", ["location"]) }} as fewest_days
    from outs
    {{ control_threshold_joins(
        "E36b", ["days"], at="outs.closes_ts", scopes={"location": "outs.location"}
    ) }}

),

numbered as (

    select
        *,
        row_number() over (partition by location_id, sku, last_date, run_no order by open_day_no) as day_no
    from limited

),

runs as (

    select
        location_id,
        sku,
        last_date,
        min(location) as location,
        min(region) as region,
        min(category) as category,
        min(supplier) as supplier,
        min(date_day) as first_day,
        max(open_day_no) as last_open_day_no,
        count(*) as observed_value,
        max(fewest_days) as threshold_value,
        min(closes_ts) filter (where day_no = fewest_days) as opened_ts,
        {{ min_by_keys("_file_digest", ["date_day"]) }} as _file_digest,
        {{ min_by_keys("_line", ["date_day"]) }} as _line
    from numbered
    group by location_id, sku, last_date, run_no

),

sold as (

    select
        runs.location_id,
        runs.sku,
        runs.first_day,
        sum(sales.quantity) as sold_qty
    from runs
    inner join {{ ref("fct_sold_day") }} as sales on runs.location_id = sales.location_id and runs.sku = sales.sku
    where sales.sale_date < runs.first_day and sales.sale_date >= {{ add_days("runs.first_day", -28) }}
    group by runs.location_id, runs.sku, runs.first_day

),

assessed as (

    select
        runs.*,
        runs.sku || '|' || runs.location_id as business_key,
        cast(runs.first_day as string) as opening_key,
        {{ control_silence_known("runs.opened_ts", "runs.opened_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        case
            when next_days.date_day > runs.last_date and next_days.opens_ts <= {{ as_of() }} then next_days.opens_ts
            when next_days.date_day <= runs.last_date and next_days.closes_ts <= {{ as_of() }} then next_days.closes_ts
        end as ended_ts,
        case when next_days.date_day > runs.last_date then next_days.opens_ts else next_days.closes_ts end
            as ended_known_ts,
        case when next_days.date_day > runs.last_date then 'no longer ranged' else 'a day in stock' end as ended_reason,
        case when runs.threshold_value is null then 'not_enough_data' end as blocked_code,
        {{ control_margin(
            "products.list_price_amount",
            "costs.unit_cost_amount",
            "cast(coalesce(sold.sold_qty, 0) * runs.observed_value as double) / 28"
        ) }} as value_at_risk_amount
    from runs
    left join {{ ref("dim_location_day") }} as next_days
        on
            runs.location_id = next_days.location_id
            and runs.last_open_day_no + 1 = next_days.open_day_no
            and next_days.is_open
    left join sold
        on runs.location_id = sold.location_id and runs.sku = sold.sku and runs.first_day = sold.first_day
    left join {{ ref("dim_product") }} as products on runs.sku = products.sku
    left join {{ ref("dim_item_cost") }} as costs
        on
            runs.sku = costs.sku
            and runs.first_day >= costs.valid_from_date
            and runs.first_day < costs.valid_to_date
    {{ control_coverage("'inventory_movement'", "runs.opened_ts") }}

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E36b",
    "'assortment'",
    has=[
        "location", "region", "category", "supplier", "sku", "observed_value", "threshold_value",
        "value_at_risk_amount",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"]
) }}
