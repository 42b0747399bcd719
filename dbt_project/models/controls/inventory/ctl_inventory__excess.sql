-- Grain: one stretch of forecast issues from the first at which an item at a location has excess beyond the limit
-- until one at which it is below half, and one row a judged pair that had none. E37a: owned units on hand and on the
-- way beyond the forecast over the target cover and the safety stock, at cost, and cover above a multiple of it.
with cuts as (

    select * from {{ ref("int_control__forecast_cut") }}

),

places as (

    select
        location_id,
        region
    from {{ ref("dim_location") }}

),

items as (

    select
        sku,
        category,
        supplier
    from {{ ref("dim_product") }}

),

limited as (

    select
        cuts.*,
        cuts.location_id as location,
        places.region,
        items.category,
        items.supplier,
        greatest(cuts.on_hand_qty + cuts.in_transit_qty, 0) as owned_qty,
        coalesce(policies.safety_stock_qty, 0) as safety_stock_qty,
        costs.unit_cost_amount,
        {{ control_threshold("value", ["location", "supplier"]) }} as value_limit,
        {{ control_threshold("cover", ["location", "supplier"]) }} as cover_days,
        {{ control_threshold("multiple", ["location", "supplier"]) }} as cover_multiple
    from cuts
    left join {{ ref("int_stock__safety_policy") }} as policies
        on
            cuts.location_id = policies.location_id
            and cuts.sku = policies.sku
            and cuts.issued_date >= policies.valid_from
            and cuts.issued_date < policies.valid_to
    left join places on cuts.location_id = places.location_id
    left join items on cuts.sku = items.sku
    left join {{ ref("dim_item_cost") }} as costs
        on
            cuts.sku = costs.sku
            and cuts.issued_date >= costs.valid_from_date
            and cuts.issued_date < costs.valid_to_date
    {{ control_threshold_joins(
        "E37a",
        ["value", "cover", "multiple"],
        at="cuts.issued_ts",
        scopes={"location": "cuts.location_id", "supplier": "items.supplier"}
    ) }}

),

measured as (

    select
        *,
        {{ money("greatest(owned_qty - daily_qty * cover_days - safety_stock_qty, 0) * unit_cost_amount") }}
            as excess_amount
    from limited

),

flagged as (

    select
        *,
        coalesce(excess_amount > value_limit and owned_qty > cover_multiple * cover_days * daily_qty, false) as is_high,
        coalesce(2 * excess_amount < value_limit, false) as is_low
    from measured

),

parts as (

    select
        *,
        count(*) filter (where is_low) over (
            partition by location_id, sku order by issued_ts rows between unbounded preceding and current row
        ) as part_no
    from flagged

),

spans as (

    select
        location_id,
        sku,
        part_no,
        min(location) as location,
        min(region) as region,
        min(category) as category,
        min(supplier) as supplier,
        min(issued_ts) as first_cut_ts,
        min(known_ts) as first_known_ts,
        min(issued_ts) filter (where is_high) as opened_ts,
        {{ min_by_keys("known_ts", ["issued_ts"], where="is_high") }} as detected_ts,
        {{ min_by_keys("is_overdue", ["issued_ts"], where="is_high") }} as is_evidence_overdue,
        max(excess_amount) as excess_amount,
        max(value_limit) as threshold_value,
        count(unit_cost_amount) as cost_count,
        {{ min_by_keys("_file_digest", ["issued_ts", "_file_digest"]) }} as _file_digest,
        {{ min_by_keys("_line", ["issued_ts", "_file_digest"]) }} as _line
    from parts
    group by location_id, sku, part_no

),

followed as (

    select
        *,
        lead(first_cut_ts) over (partition by location_id, sku order by part_no) as next_cut_ts,
        lead(first_known_ts) over (partition by location_id, sku order by part_no) as next_known_ts,
        max(opened_ts) over (partition by location_id, sku) as last_opened_ts,
        row_number() over (partition by location_id, sku order by part_no desc) as place_no
    from spans

),

assessed as (

    select
        sku || '|' || location_id as business_key,
        {{ control_instant("opened_ts") }} as opening_key,
        sku,
        location,
        region,
        category,
        supplier,
        _file_digest,
        _line,
        opened_ts,
        detected_ts,
        coalesce(is_evidence_overdue, false) as is_evidence_overdue,
        next_cut_ts as ended_ts,
        next_known_ts as ended_known_ts,
        'below half of the limit' as ended_reason,
        case when threshold_value is null or cost_count = 0 then 'not_enough_data' end as blocked_code,
        excess_amount as observed_value,
        threshold_value,
        excess_amount as value_at_risk_amount
    from followed
    where opened_ts is not null or (last_opened_ts is null and place_no = 1)

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E37a",
    "'demand_forecast'",
    has=[
        "location", "region", "category", "supplier", "sku", "observed_value", "threshold_value",
        "value_at_risk_amount",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"]
) }}
