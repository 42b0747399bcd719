-- Grain: one first count of an item at a location. E34: it differs from the book by more than the share and more than
-- the units, or by more than the value. Counts within the limits close it when they are recounts of it.
with counts as (

    select
        counts.*,
        approvals.approved_ts,
        count(*) filter (where counts.count_no = 1) over (
            partition by counts.location_id, counts.sku
            order by counts.count_ts, counts.count_no, counts.count_id
            rows between unbounded preceding and current row
        ) as first_no
    from {{ ref("fct_cycle_count") }} as counts
    inner join {{ ref("stg_wms__cycle_count") }} as approvals on counts.count_id = approvals.count_id

),

limited as (

    select
        counts.*,
        abs(counts.difference_qty) as off_qty,
        {{ money("abs(counts.difference_qty) * counts.unit_cost_amount") }} as off_amount,
        {{ control_threshold("share", ["location"]) }} as share,
        {{ control_threshold("units", ["location"]) }} as units,
        {{ control_threshold("value", ["location"]) }} as value_limit
    from counts
    {{ control_threshold_joins(
        "E34", ["share", "units", "value"], at="counts.count_ts", scopes={"location": "counts.location"}
    ) }}

),

judged_counts as (

    select
        *,
        (off_qty > units and off_qty > share * abs(book_qty)) or coalesce(off_amount > value_limit, false) as is_off
    from limited

),

recounts as (

    select
        location_id,
        sku,
        first_no,
        min(count_ts) filter (where count_no > 1 and not is_off) as recounted_ts,
        {{ min_by_keys("first_received_ts", ["count_ts", "count_id"], where="count_no > 1 and not is_off") }}
            as recounted_known_ts,
        min(approved_ts) as approved_ts,
        {{ min_by_keys("received_ts", ["approved_ts", "count_id"], where="approved_ts is not null") }}
            as approved_known_ts
    from judged_counts
    group by location_id, sku, first_no

),

products as (

    select
        sku,
        supplier,
        list_price_amount
    from {{ ref("dim_product") }}

),

assessed as (

    select
        firsts.*,
        products.supplier,
        firsts.count_id as business_key,
        firsts.count_id as opening_key,
        case when firsts.is_off then firsts.count_ts end as opened_ts,
        greatest(firsts.count_ts, firsts.first_received_ts) as detected_ts,
        false as is_evidence_overdue,
        {{ control_first_ending([
            ["recounts.recounted_ts", "recounts.recounted_known_ts", "'recount within tolerance'"],
            [
                "recounts.approved_ts",
                "recounts.approved_known_ts",
                "'adjustment approved'",
            ],
        ]) }},
        case
            when firsts.units is null or firsts.share is null or firsts.value_limit is null then 'not_enough_data'
            when not firsts.is_off and firsts.off_qty > 0 and firsts.off_amount is null then 'not_enough_data'
        end as blocked_code,
        firsts.difference_qty as observed_value,
        firsts.units as threshold_value,
        case
            when firsts.difference_qty < 0
                then {{ control_margin("products.list_price_amount", "firsts.unit_cost_amount", "firsts.off_qty") }}
            else firsts.off_amount
        end as value_at_risk_amount
    from judged_counts as firsts
    inner join recounts
        on
            firsts.location_id = recounts.location_id
            and firsts.sku = recounts.sku
            and firsts.first_no = recounts.first_no
    left join products on firsts.sku = products.sku
    where firsts.count_no = 1

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E34",
    "'cycle_count'",
    has=[
        "location", "region", "category", "supplier", "sku", "observed_value", "threshold_value",
        "value_at_risk_amount",
    ]
) }}
