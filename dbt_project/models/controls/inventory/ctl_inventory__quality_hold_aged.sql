-- Grain: one movement that put units of an item at a location on hold. E40: some of them are on hold longer than the
-- limit. What leaves the state hold (released, returned to the supplier, scrapped) takes the oldest units first.
with holds as (

    select
        *,
        {{ whole(
            "sum(quantity) over (partition by location_id, sku order by event_ts, movement_id rows unbounded preceding)"
        ) }} as held_upto_qty
    from {{ ref("fct_stock_movement") }}
    where state_code = 'hold' and quantity > 0

),

releases as (

    select
        location_id,
        sku,
        movement_id,
        event_ts,
        first_received_ts,
        movement_type,
        {{ whole(
            "sum(-quantity) over (partition by location_id, sku order by event_ts, movement_id rows unbounded preceding)"
        ) }} as released_upto_qty
    from {{ ref("fct_stock_movement") }}
    where state_code = 'hold' and quantity < 0

),

ends as (

    select
        holds.movement_id,
        min(releases.event_ts) as ended_ts,
        {{ min_by_keys("releases.first_received_ts", ["releases.event_ts", "releases.movement_id"]) }}
            as ended_known_ts
    from holds
    inner join releases
        on
            holds.location_id = releases.location_id
            and holds.sku = releases.sku
            and holds.held_upto_qty <= releases.released_upto_qty
    group by holds.movement_id

),

limited as (

    select
        holds.*,
        {{ control_threshold("limit", ["location", "supplier"]) }} as limit_days,
        {{ add_seconds("holds.event_ts", "86400 * " ~ control_threshold("limit", ["location", "supplier"])) }}
            as deadline_ts
    from holds
    {{ control_threshold_joins(
        "E40",
        ["limit"],
        at="holds.event_ts",
        scopes={"location": "holds.location", "supplier": "holds.supplier"}
    ) }}

),

assessed as (

    select
        limited.*,
        limited.movement_id as business_key,
        limited.movement_id as opening_key,
        limited.deadline_ts as opened_ts,
        {{ control_silence_known("limited.deadline_ts", "limited.first_received_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        ends.ended_ts,
        ends.ended_known_ts,
        'left the hold' as ended_reason,
        case when limited.limit_days is null then 'not_enough_data' end as blocked_code,
        {{ control_days("limited.event_ts", "coalesce(ends.ended_ts, " ~ as_of() ~ ")") }} as observed_value,
        limited.limit_days as threshold_value,
        {{ money("limited.quantity * limited.unit_cost_amount") }} as value_at_risk_amount
    from limited
    left join ends on limited.movement_id = ends.movement_id
    {{ control_coverage("'inventory_movement'", "limited.deadline_ts") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E40",
    "'inventory_movement'",
    has=[
        "location", "region", "category", "supplier", "sku", "observed_value", "threshold_value",
        "value_at_risk_amount",
    ]
) }}
