-- Grain: one run of days' ends at which the stock of a promoted item falls short of the plan, or one item that never
-- does. E45 by the rule that needs no forecast: what is free and due to come, less the planned units still to come, is
-- below zero at some moment until the promotion's end.
with levels as (

    select
        levels.*,
        levels.least_qty < {{ control_threshold("units") }} as is_short,
        {{ control_threshold("units") }} as threshold_value
    from {{ ref("int_control__promotion_stock") }} as levels
    {{ control_threshold_joins("E45", ["units"], at="levels.cut_ts") }}

),

flagged as (

    select
        *,
        coalesce(lag(is_short) over by_cut, false) as was_short,
        lead(cut_ts) over by_cut as next_cut_ts,
        lead(is_short) over by_cut as is_next_short
    from levels
    window by_cut as (partition by item_key order by cut_ts)

),

numbered as (

    select
        *,
        count(*) filter (where is_short and not was_short) over (
            partition by item_key order by cut_ts rows between unbounded preceding and current row
        ) as run_no
    from flagged

),

runs as (

    select
        item_key,
        run_no,
        min(sku) as sku,
        min(category) as category,
        min(channel) as channel,
        min(cut_ts) filter (where is_short) as opened_ts,
        max(row_known_ts) as row_known_ts,
        case
            when bool_or(is_short and not coalesce(is_next_short, true)) then min(next_cut_ts) filter (
                where is_short and not coalesce(is_next_short, true)
            )
        end as right_ts,
        min(ends_ts) as ends_ts,
        min(withdrawn_ts) as withdrawn_ts,
        min(withdrawn_known_ts) as withdrawn_known_ts,
        min(least_qty) as least_qty,
        count(least_qty) as known_count,
        min(threshold_value) as threshold_value,
        min(_file_digest) as _file_digest,
        {{ min_by_keys("_line", ["cut_ts"]) }} as _line
    from numbered
    group by item_key, run_no

),

{# Before an item's first run and without any it is judged once. #}
items as (

    select
        runs.*,
        max(runs.run_no) over (partition by runs.item_key) as run_count
    from runs

),

assessed as (

    select
        items.item_key as business_key,
        {{ control_instant("items.opened_ts") }} as opening_key,
        items.channel,
        items.category,
        products.supplier,
        items.sku,
        items._file_digest,
        items._line,
        items.opened_ts,
        {{ control_silence_known("items.opened_ts", "items.row_known_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        {{ control_first_ending([
            ["items.right_ts", "items.right_ts", "'not below zero'"],
            ["case when items.ends_ts <= " ~ as_of() ~ " then items.ends_ts end", "items.ends_ts", "'ended'"],
            ["items.withdrawn_ts", "items.withdrawn_known_ts", "'cancelled'"],
        ]) }},
        case when items.known_count = 0 or items.threshold_value is null then 'not_enough_data' end as blocked_code,
        items.least_qty as observed_value,
        items.threshold_value,
        {{ control_margin(
            "products.list_price_amount",
            "costs.unit_cost_amount",
            "case when items.least_qty < 0 then -items.least_qty when items.least_qty >= 0 then 0 end"
        ) }} as value_at_risk_amount
    from items
    left join {{ ref("dim_product") }} as products on items.sku = products.sku
    left join {{ ref("dim_item_cost") }} as costs
        on
            items.sku = costs.sku
            and cast(items.ends_ts as date) >= costs.valid_from_date
            and cast(items.ends_ts as date) < costs.valid_to_date
    {{ control_coverage("'inventory_movement'", "items.opened_ts") }}
    where items.run_no > 0 or items.run_count = 0

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E45",
    "'promotion_line'",
    has=["channel", "category", "supplier", "sku", "observed_value", "threshold_value", "value_at_risk_amount"],
    relation="episodes",
    largest=["value_at_risk_amount"]
) }}
