-- Grain: one item of an approved promotion. E46: some days before the start (or at the approval, where that is later)
-- no proposal, order or transfer of the item is newer than the approval, and the units planned exceed what the item
-- sold a day before by more than the limit.
with items as (

    select
        items.promotion_id,
        items.sku,
        items.promotion_id || '|' || items.sku as item_key,
        items.channel,
        items.category,
        items.approved_ts,
        items.starts_ts,
        items.ends_ts,
        items.duration_seconds,
        items.withdrawn_ts,
        items.withdrawn_known_ts,
        items.planned_qty,
        items.first_received_ts,
        items._file_digest,
        items._line,
        {{ control_threshold("uplift") }} as uplift_limit,
        greatest(
            {{ add_seconds("items.starts_ts", "-86400 * " ~ control_threshold("window")) }}, items.approved_ts
        ) as deadline_ts,
        {{ reporting_date(
            "greatest(" ~ add_seconds("items.starts_ts", "-86400 * " ~ control_threshold("window"))
            ~ ", items.approved_ts)"
        ) }} as from_date
    from {{ ref("int_control__promotion_item") }} as items
    {{ control_threshold_joins("E46", ["window", "uplift"], at="items.starts_ts") }}
    where items.approved_ts is not null

),

places as (

    select distinct
        item_key,
        sku,
        channel,
        from_date
    from items

),

daily as (

    {{ control_daily_units("places", "item_key") }}

),

history as (

    select min(sale_date) as first_date from {{ ref("fct_sold_day") }}

),

promoted as (

    select
        item_key,
        min(promotion_id) as promotion_id,
        min(sku) as sku,
        case when min(channel) = max(channel) then min(channel) end as channel,
        min(category) as category,
        min(approved_ts) as approved_ts,
        min(starts_ts) as starts_ts,
        min(ends_ts) as ends_ts,
        min(deadline_ts) as deadline_ts,
        min(from_date) as from_date,
        min(uplift_limit) as threshold_value,
        min(withdrawn_ts) as withdrawn_ts,
        min(withdrawn_known_ts) as withdrawn_known_ts,
        max(first_received_ts) as row_known_ts,
        cast(sum(planned_qty) as bigint) as planned_qty,
        cast(max(duration_seconds) as double) / 86400 as day_count,
        {{ min_by_keys("_file_digest", ["channel", "_line"]) }} as _file_digest,
        {{ min_by_keys("_line", ["channel", "_line"]) }} as _line
    from items
    group by item_key

),

plans as (

    select
        sku,
        created_ts as planned_ts,
        first_received_ts as planned_known_ts
    from {{ ref("stg_erp__replenishment_proposal") }}
    where decision_code <> 'rejected'
    union all
    select
        sku,
        po_sent_ts as planned_ts,
        first_received_ts as planned_known_ts
    from {{ ref("fct_purchase_order_line") }}
    union all
    select
        sku,
        created_ts as planned_ts,
        first_received_ts as planned_known_ts
    from {{ ref("fct_transfer_line") }}

),

newer as (

    select
        promoted.item_key,
        min(plans.planned_ts) as planned_ts,
        {{ min_by_keys("plans.planned_known_ts", ["plans.planned_ts", "plans.planned_known_ts"]) }} as planned_known_ts
    from promoted
    inner join plans on promoted.sku = plans.sku
    where plans.planned_ts > promoted.approved_ts and plans.planned_ts <= promoted.ends_ts
    group by promoted.item_key

),

measured as (

    select
        promoted.*,
        newer.planned_ts,
        newer.planned_known_ts,
        coalesce(daily.daily_qty, 0) as daily_qty,
        coalesce(history.first_date <= {{ add_days("promoted.from_date", -28) }}, false) as has_history,
        {{ decimal_of(
            "greatest(promoted.planned_qty - cast(coalesce(daily.daily_qty, 0) as double) * promoted.day_count, 0)",
            18,
            6
        ) }} as more_qty
    from promoted
    cross join history
    left join daily on promoted.item_key = daily.item_key
    left join newer on promoted.item_key = newer.item_key

),

assessed as (

    select
        measured.*,
        measured.item_key as business_key,
        {{ control_instant("measured.starts_ts") }} as opening_key,
        case
            when measured.planned_qty > (1 + measured.threshold_value) * measured.daily_qty * measured.day_count
                then measured.deadline_ts
        end as opened_ts,
        {{ control_silence_known(
            "measured.deadline_ts", "measured.row_known_ts", beside=["orders", "transfers"]
        ) }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        {{ control_first_ending([
            ["measured.planned_ts", "measured.planned_known_ts", "'plan updated'"],
            ["case when measured.ends_ts <= " ~ as_of() ~ " then measured.ends_ts end", "measured.ends_ts", "'ended'"],
            ["measured.withdrawn_ts", "measured.withdrawn_known_ts", "'cancelled'"],
        ]) }},
        case
            when measured.planned_qty is null or measured.threshold_value is null or not measured.has_history
                then 'not_enough_data'
        end as blocked_code,
        {{ decimal_of(
            "measured.planned_qty / nullif(cast(measured.daily_qty as double) * measured.day_count, 0) - 1", 38, 6
        ) }} as observed_value,
        products.supplier,
        {{ control_margin("products.list_price_amount", "costs.unit_cost_amount", "measured.more_qty") }}
            as value_at_risk_amount
    from measured
    left join {{ ref("dim_product") }} as products on measured.sku = products.sku
    left join {{ ref("dim_item_cost") }} as costs
        on
            measured.sku = costs.sku
            and measured.from_date >= costs.valid_from_date
            and measured.from_date < costs.valid_to_date
    {{ control_coverage("'replenishment_proposal'", "measured.deadline_ts") }}
    {{ control_coverage("'purchase_order_line'", "measured.deadline_ts", alias="orders") }}
    {{ control_coverage("'transfer_line'", "measured.deadline_ts", alias="transfers") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E46",
    "'promotion_line'",
    has=["channel", "category", "supplier", "sku", "observed_value", "threshold_value", "value_at_risk_amount"]
) }}
