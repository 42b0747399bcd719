-- Grain: one stretch of an item's stock below zero at a location in one system. E28: for longer than the
-- limit. Read from the stock ledger (the location's system of record) where it begins with an opening
-- balance, and from every system's snapshots; both tell of the same exception. What was never below zero
-- has no row.
with rows_below as (

    select * from {{ ref("int_control__stock_below_zero") }}

),

ordered as (

    select
        *,
        max(coalesce(until_ts, cast('9999-12-31' as timestamp))) over (
            partition by system_code, sku, location_id, is_balance
            order by from_ts, row_key
            rows between unbounded preceding and 1 preceding
        ) as earlier_until_ts
    from rows_below

),

numbered as (

    select
        *,
        count(*) filter (where coalesce(from_ts > earlier_until_ts, true)) over (
            partition by system_code, sku, location_id, is_balance
            order by from_ts, row_key
            rows between unbounded preceding and current row
        ) as stretch_no
    from ordered

),

stretches as (

    select
        system_code,
        sku,
        location_id,
        is_balance,
        stretch_no,
        min(location) as location,
        min(region) as region,
        min(category) as category,
        min(supplier) as supplier,
        min(from_ts) as began_ts,
        {{ min_by_keys("row_key", ["from_ts", "row_key"]) }} as opening_key,
        {{ min_by_keys("known_ts", ["from_ts", "row_key"]) }} as known_ts,
        case when count(*) = count(until_ts) then max(until_ts) end as ended_ts,
        max(until_known_ts) as ended_known_ts,
        min(on_hand_qty) as observed_value,
        {{ min_by_keys("evidence_entity", ["from_ts", "row_key"]) }} as evidence_entity,
        {{ min_by_keys("_file_digest", ["from_ts", "row_key"]) }} as _file_digest,
        {{ min_by_keys("_line", ["from_ts", "row_key"]) }} as _line
    from numbered
    group by system_code, sku, location_id, is_balance, stretch_no

),

limited as (

    select
        stretches.*,
        {{ control_threshold("limit", ["location"]) }} as threshold_value,
        {{ add_seconds("stretches.began_ts", "60 * " ~ control_threshold("limit", ["location"])) }} as opened_ts
    from stretches
    {{ control_threshold_joins(
        "E28", ["limit"], at="stretches.began_ts", scopes={"location": "stretches.location"}
    ) }}

),

costs as (

    select * from {{ ref("dim_item_cost") }}

),

products as (

    select
        sku,
        list_price_amount
    from {{ ref("dim_product") }}

),

assessed as (

    select
        limited.*,
        limited.system_code || '|' || limited.sku || '|' || limited.location_id as business_key,
        case
            when limited.evidence_entity = 'inventory_movement'
                then {{ control_silence_known("limited.opened_ts", "limited.known_ts") }}
            else greatest(limited.opened_ts, limited.known_ts)
        end as detected_ts,
        limited.evidence_entity = 'inventory_movement' and coalesce(coverage.is_overdue, true) as is_evidence_overdue,
        'on hand is zero or more' as ended_reason,
        case
            when not limited.is_balance or limited.opened_ts is null then 'not_enough_data'
        end as blocked_code,
        {{ control_margin("products.list_price_amount", "costs.unit_cost_amount", "-limited.observed_value") }}
            as value_at_risk_amount
    from limited
    left join products on limited.sku = products.sku
    left join costs
        on
            limited.sku = costs.sku
            and cast(limited.began_ts as date) >= costs.valid_from_date
            and cast(limited.began_ts as date) < costs.valid_to_date
    {{ control_coverage("'inventory_movement'", "limited.opened_ts") }}

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E28",
    "evidence_entity",
    has=[
        "location", "region", "category", "supplier", "sku", "observed_value", "threshold_value",
        "value_at_risk_amount",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"]
) }}
