-- Grain: one stretch in which an item of an approved promotion was planned or shown at one price in a channel. E43: the
-- margin of a unit after funding is below the floor, a share of the price without tax, and no discount was approved for
-- the promotion. Prices below the lowest price of the policy are E47c.
with offers as (

    select * from {{ ref("int_control__promotion_offer") }}

),

requests as (

    select
        promotion_id,
        request_id,
        max(decided_ts) as decided_ts,
        max(received_ts) as decided_known_ts
    from {{ ref("fct_approval_step") }}
    where process = 'discount' and promotion_id is not null
    group by promotion_id, request_id
    having count(*) = count(case when decision_code = 'approved' then decided_ts end)

),

approvals as (

    select
        promotion_id,
        min(decided_ts) as approved_ts,
        {{ min_by_keys("decided_known_ts", ["decided_ts", "request_id"]) }} as approved_known_ts
    from requests
    group by promotion_id

),

floors as (

    select
        offers.*,
        approvals.approved_ts,
        approvals.approved_known_ts,
        {{ control_threshold("margin_share", ["channel"]) }} as threshold_value,
        cast({{ control_threshold("margin_share", ["channel"]) }} * offers.net_unit_amount as decimal(18, 6))
            as floor_unit_amount
    from offers
    left join approvals on offers.promotion_id = approvals.promotion_id
    {{ control_threshold_joins("E43", ["margin_share"], at="offers.from_ts", scopes={"channel": "offers.channel"}) }}

),

assessed as (

    select
        floors.*,
        floors.promotion_line_key as business_key,
        floors.offer_key as opening_key,
        case when floors.margin_unit_amount < floors.floor_unit_amount then floors.from_ts end as opened_ts,
        {{ control_rows_known("greatest(floors.from_ts, floors.known_ts)", "coverage") }} as detected_ts,
        coalesce(coverage.is_overdue, true) as is_evidence_overdue,
        {{ control_first_ending([
            ["floors.until_ts", "floors.until_known_ts", "'price changed'"],
            [
                "case when floors.funded_margin_unit_amount >= floors.floor_unit_amount then floors.funded_ts end",
                "floors.funded_known_ts",
                "'funding changed'",
            ],
            ["floors.approved_ts", "floors.approved_known_ts", "'approved'"],
            ["case when floors.ends_ts <= " ~ as_of() ~ " then floors.ends_ts end", "floors.ends_ts", "'ended'"],
            ["floors.withdrawn_ts", "floors.withdrawn_known_ts", "'cancelled'"],
        ]) }},
        case
            when floors.margin_unit_amount is null or floors.threshold_value is null then 'not_enough_data'
        end as blocked_code,
        {{ decimal_of(
            "cast(floors.margin_unit_amount as double) / nullif(floors.net_unit_amount, 0)", 38, 6
        ) }} as observed_value,
        {{ money(
            "cast(case when floors.margin_unit_amount >= floors.floor_unit_amount then 0"
            ~ " else floors.floor_unit_amount - floors.margin_unit_amount end * floors.planned_qty as double)"
            ~ " * least(1, greatest(0, cast(" ~ seconds_between("floors.from_ts", "floors.ends_ts")
            ~ " as double) / nullif(floors.duration_seconds, 0)))"
        ) }} as value_at_risk_amount
    from floors
    {{ control_coverage("'approval_request'", "floors.from_ts") }}

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E43",
    "'promotion_line'",
    has=[
        "channel", "location", "region", "category", "sku", "observed_value", "threshold_value", "value_at_risk_amount",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"]
) }}
