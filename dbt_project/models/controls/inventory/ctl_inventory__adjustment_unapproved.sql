-- Grain: one adjustment of the stock ledger whose value reaches the limit, or whose cost is not known. E35: posted
-- without an approval decided before. What moves between states of stock at one instant is no adjustment of its units,
-- a counted difference is judged with its count (E34), and a posting that reverses another is the remedy.
with postings as (

    select
        location_id,
        sku,
        event_ts,
        reference_id as document_id,
        min(movement_id) as movement_id,
        min(location) as location,
        min(region) as region,
        min(category) as category,
        min(supplier) as supplier,
        {{ whole("sum(quantity)") }} as quantity,
        max(unit_cost_amount) as unit_cost_amount,
        min(first_received_ts) as known_ts,
        {{ min_by_keys("_file_digest", ["movement_id"]) }} as _file_digest,
        {{ min_by_keys("_line", ["movement_id"]) }} as _line
    from {{ ref("fct_stock_movement") }}
    where movement_type = 'adjustment'
    group by location_id, sku, event_ts, reference_id
    having sum(quantity) <> 0

),

limited as (

    select
        postings.*,
        {{ money("abs(postings.quantity) * postings.unit_cost_amount") }} as off_amount,
        {{ control_threshold("value", ["location"]) }} as value_limit
    from postings
    {{ control_threshold_joins(
        "E35", ["value"], at="postings.event_ts", scopes={"location": "postings.location"}
    ) }}

),

large as (

    select * from limited
    where coalesce(off_amount >= value_limit, true)

),

names as (

    select
        movement_id,
        movement_id as object_id
    from large
    union all
    select
        movement_id,
        document_id as object_id
    from large
    where document_id is not null

),

approvals as (

    select
        names.movement_id,
        min(steps.decided_ts) as approved_ts,
        {{ min_by_keys("steps.received_ts", ["steps.decided_ts", "steps.request_id", "steps.step_no"]) }}
            as approved_known_ts
    from names
    inner join {{ ref("fct_approval_step") }} as steps on names.object_id = steps.object_id
    where steps.process = 'adjustment' and steps.decision_code = 'approved' and steps.decided_ts is not null
    group by names.movement_id

),

reversing as (

    select
        names.movement_id,
        later.movement_id as later_id,
        later.event_ts,
        later.known_ts
    from names
    inner join large on names.movement_id = large.movement_id
    inner join postings as later
        on
            names.object_id = later.document_id
            and large.location_id = later.location_id
            and large.sku = later.sku
            and large.quantity = -later.quantity
            and large.event_ts < later.event_ts

),

reversals as (

    select
        movement_id,
        min(event_ts) as reversed_ts,
        {{ min_by_keys("known_ts", ["event_ts", "later_id"]) }} as reversed_known_ts
    from reversing
    group by movement_id

),

remedies as (

    select distinct later_id from reversing

),

assessed as (

    select
        large.*,
        large.movement_id as business_key,
        large.movement_id as opening_key,
        large.event_ts as opened_ts,
        {{ control_silence_known("large.event_ts", "large.known_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        {{ control_first_ending([
            [
                "approvals.approved_ts",
                "approvals.approved_known_ts",
                "case when approvals.approved_ts <= large.event_ts then 'approved before' else 'approved afterwards' end",
            ],
            ["reversals.reversed_ts", "reversals.reversed_known_ts", "'reversed'"],
        ]) }},
        case
            when large.value_limit is null or large.off_amount is null then 'not_enough_data'
            when remedies.later_id is not null then 'not_applicable'
        end as blocked_code,
        large.off_amount as observed_value,
        large.value_limit as threshold_value,
        large.off_amount as value_at_risk_amount
    from large
    left join approvals on large.movement_id = approvals.movement_id
    left join reversals on large.movement_id = reversals.movement_id
    left join remedies on large.movement_id = remedies.later_id
    {{ control_coverage("'approval_request'", "large.event_ts") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E35",
    "'inventory_movement'",
    has=[
        "location", "region", "category", "supplier", "sku", "observed_value", "threshold_value",
        "value_at_risk_amount",
    ]
) }}
