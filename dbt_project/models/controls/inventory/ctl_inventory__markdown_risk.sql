-- Grain: one stretch of forecast issues from the first at which an item's markdown exposure is beyond the limit until
-- one at which it is below half of it, and one row a judged item that had none. E37b, within the window before its
-- ranges end: over its locations, units on hand beyond what is forecast until the last day, times the fall from the
-- list price to the share of it that a clearance brings. No feed has seasons or clearance prices.
with cuts as (

    select * from {{ ref("int_control__forecast_cut") }}
    where last_date is not null and issued_date <= last_date

),

items as (

    select
        sku,
        category,
        supplier,
        list_price_amount
    from {{ ref("dim_product") }}

),

limited as (

    select
        cuts.*,
        items.category,
        items.supplier,
        items.list_price_amount,
        {{ days_between("cuts.issued_date", "cuts.last_date") }} + 1 as days_left,
        {{ control_threshold("value", ["supplier"]) }} as value_limit,
        {{ control_threshold("window", ["supplier"]) }} as window_days,
        {{ control_threshold("clearance", ["supplier"]) }} as clearance_share
    from cuts
    left join items on cuts.sku = items.sku
    {{ control_threshold_joins(
        "E37b", ["value", "window", "clearance"], at="cuts.issued_ts", scopes={"supplier": "items.supplier"}
    ) }}

),

exposures as (

    select
        sku,
        issued_ts,
        min(category) as category,
        min(supplier) as supplier,
        max(value_limit) as value_limit,
        max(known_ts) as known_ts,
        bool_or(is_overdue) as is_overdue,
        count(*) - count(known_ts) as unknown_count,
        count(list_price_amount) as price_count,
        {{ money("sum(greatest(on_hand_qty - daily_qty * days_left, 0) * list_price_amount * (1 - clearance_share))") }}
            as exposure_amount,
        {{ min_by_keys("_file_digest", ["_file_digest", "_line"]) }} as _file_digest,
        {{ min_by_keys("_line", ["_file_digest", "_line"]) }} as _line
    from limited
    where days_left <= window_days
    group by sku, issued_ts

),

markdowns as (

    select
        sku,
        approved_ts,
        first_received_ts
    from {{ ref("fct_approved_price") }}
    where price_type = 'markdown'

),

flagged as (

    select
        *,
        coalesce(exposure_amount > value_limit, false) as is_high,
        coalesce(2 * exposure_amount < value_limit, false) as is_low
    from exposures

),

parts as (

    select
        *,
        count(*) filter (where is_low) over (
            partition by sku order by issued_ts rows between unbounded preceding and current row
        ) as part_no
    from flagged

),

spans as (

    select
        sku,
        part_no,
        min(category) as category,
        min(supplier) as supplier,
        min(issued_ts) as first_cut_ts,
        min(known_ts) as first_known_ts,
        min(issued_ts) filter (where is_high) as opened_ts,
        {{ min_by_keys("known_ts", ["issued_ts"], where="is_high and unknown_count = 0") }} as detected_ts,
        bool_or(is_overdue) as is_evidence_overdue,
        max(exposure_amount) as exposure_amount,
        max(value_limit) as threshold_value,
        max(price_count) as price_count,
        {{ min_by_keys("_file_digest", ["issued_ts", "_file_digest"]) }} as _file_digest,
        {{ min_by_keys("_line", ["issued_ts", "_file_digest"]) }} as _line
    from parts
    group by sku, part_no

),

followed as (

    select
        *,
        lead(first_cut_ts) over (partition by sku order by part_no) as next_cut_ts,
        lead(first_known_ts) over (partition by sku order by part_no) as next_known_ts,
        max(opened_ts) over (partition by sku) as last_opened_ts,
        row_number() over (partition by sku order by part_no desc) as place_no
    from spans

),

approved as (

    select
        followed.sku,
        followed.part_no,
        min(markdowns.approved_ts) as approved_ts,
        {{ min_by_keys("markdowns.first_received_ts", ["markdowns.approved_ts", "markdowns.first_received_ts"]) }}
            as approved_known_ts
    from followed
    inner join markdowns on followed.sku = markdowns.sku
    where {{ seconds_between("markdowns.approved_ts", "followed.opened_ts") }} <= 56 * 86400
    group by followed.sku, followed.part_no

),

assessed as (

    select
        followed.sku as business_key,
        {{ control_instant("followed.opened_ts") }} as opening_key,
        followed.sku,
        followed.category,
        followed.supplier,
        followed._file_digest,
        followed._line,
        followed.opened_ts,
        followed.detected_ts,
        coalesce(followed.is_evidence_overdue, false) as is_evidence_overdue,
        {{ control_first_ending([
            ["approved.approved_ts", "approved.approved_known_ts", "'markdown approved'"],
            ["followed.next_cut_ts", "followed.next_known_ts", "'below half of the limit'"],
        ]) }},
        case
            when followed.threshold_value is null or followed.price_count = 0 then 'not_enough_data'
        end as blocked_code,
        followed.exposure_amount as observed_value,
        followed.threshold_value,
        followed.exposure_amount as value_at_risk_amount
    from followed
    left join approved on followed.sku = approved.sku and followed.part_no = approved.part_no
    where followed.opened_ts is not null or (followed.last_opened_ts is null and followed.place_no = 1)

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E37b",
    "'demand_forecast'",
    has=["category", "supplier", "sku", "observed_value", "threshold_value", "value_at_risk_amount"],
    relation="episodes",
    largest=["value_at_risk_amount"]
) }}
