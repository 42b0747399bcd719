-- Grain: one run of cuts at which two systems differ beyond the tolerance on an item at a location. E30:
-- two compared cuts running; a cut within tolerance ends it. Pairs that never differed have no row.
with pairs as (

    select * from {{ ref("fct_stock_pair") }}
    where is_comparable

),

differing as (

    select distinct
        interface,
        sku,
        location_id
    from pairs
    where is_mismatch

),

cuts as (

    select
        pairs.*,
        lag(pairs.is_mismatch) over by_cut as previous_is_mismatch,
        lead(pairs.snapshot_ts) over by_cut as next_cut_ts,
        lead(pairs.is_mismatch) over by_cut as is_next_mismatch,
        lead(pairs.received_ts) over by_cut as next_known_ts
    from pairs
    inner join differing
        on
            pairs.interface = differing.interface
            and pairs.sku = differing.sku
            and pairs.location_id = differing.location_id
    window by_cut as (partition by pairs.interface, pairs.sku, pairs.location_id order by pairs.snapshot_ts)

),

mismatches as (

    select
        *,
        count(*) filter (where not coalesce(previous_is_mismatch, false)) over (
            partition by interface, sku, location_id
            order by snapshot_ts
            rows between unbounded preceding and current row
        ) as run_no
    from cuts
    where is_mismatch

),

numbered as (

    select
        *,
        row_number() over (partition by interface, sku, location_id, run_no order by snapshot_ts) as cut_no
    from mismatches

),

products as (

    select
        sku,
        supplier,
        list_price_amount
    from {{ ref("dim_product") }}

),

limited as (

    select
        numbered.*,
        {{ control_threshold("cuts", ["interface", "location"]) }} as fewest_cuts
    from numbered
    {{ control_threshold_joins(
        "E30",
        ["cuts"],
        at="numbered.snapshot_ts",
        scopes={"interface": "numbered.interface", "location": "numbered.location"}
    ) }}

),

runs as (

    select
        interface,
        sku,
        location_id,
        run_no,
        min(location) as location,
        min(region) as region,
        min(category) as category,
        min(fewest_cuts) as threshold_value,
        count(*) as observed_value,
        min(snapshot_ts) as began_ts,
        min(snapshot_ts) filter (where cut_no = fewest_cuts) as opened_ts,
        max(received_ts) filter (where cut_no <= fewest_cuts) as detected_ts,
        max(next_cut_ts) filter (where not is_next_mismatch) as ended_ts,
        max(next_known_ts) filter (where not is_next_mismatch) as ended_known_ts,
        {{ max_by_keys("difference_qty", ["snapshot_ts", "difference_qty"]) }} as difference_qty,
        max(unit_cost_amount) as unit_cost_amount,
        {{ min_by_keys("_file_digest", ["snapshot_ts", "_file_digest"]) }} as _file_digest,
        {{ min_by_keys("_line", ["snapshot_ts", "_file_digest", "_line"]) }} as _line
    from limited
    group by interface, sku, location_id, run_no

),

assessed as (

    select
        runs.*,
        products.supplier,
        runs.interface || '|' || runs.sku || '|' || runs.location_id as business_key,
        {{ control_instant("runs.began_ts") }} as opening_key,
        false as is_evidence_overdue,
        'a cut within tolerance' as ended_reason,
        case when runs.threshold_value is null then 'not_enough_data' end as blocked_code,
        case
            when runs.difference_qty < 0
                then {{ control_margin("products.list_price_amount", "runs.unit_cost_amount", "-runs.difference_qty") }}
            else {{ money("runs.difference_qty * runs.unit_cost_amount") }}
        end as value_at_risk_amount
    from runs
    left join products on runs.sku = products.sku

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E30",
    "'inventory_snapshot'",
    has=[
        "location", "region", "category", "supplier", "interface", "sku", "observed_value", "threshold_value",
        "value_at_risk_amount",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"]
) }}
