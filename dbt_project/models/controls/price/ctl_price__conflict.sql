-- Grain: one stretch in which an item in a channel (or one location of it) has more approved prices of one priority
-- than it may, or the price that holds is below the policy's lowest price. E47c. Items of which prices overlap or are
-- below it without that have one row, others none.
with moments as (

    select
        moments.*,
        {{ control_threshold("prices") }} as threshold_value,
        {{ control_threshold("horizon") }} as horizon_days,
        coalesce(moments.price_amount_local < moments.floor_amount_local, false) as is_below_floor,
        moments.equal_count > {{ control_threshold("prices") }} as has_conflict
    from {{ ref("int_control__price_moment") }} as moments
    {{ control_threshold_joins("E47c", ["prices", "horizon"], at="moments.moment_ts") }}

),

flagged as (

    select
        *,
        is_below_floor or has_conflict as is_wrong,
        coalesce(lag(is_below_floor or has_conflict) over (partition by unit_key order by moment_ts), false)
            as was_wrong,
        max(case when is_below_floor or has_conflict then 1 else 0 end) over (partition by unit_key) = 0
            as is_never_wrong
    from moments

),

numbered as (

    select
        *,
        count(*) filter (where is_wrong and not was_wrong) over (
            partition by unit_key order by moment_ts rows between unbounded preceding and current row
        ) as stretch_no
    from flagged
    where is_wrong or is_never_wrong

),

{%- set carried = [
    "price_id", "sku", "channel_id", "location_id", "known_ts", "currency_code", "_file_digest", "_line",
] %}

stretches as (

    select
        unit_key,
        stretch_no,
        min(moment_ts) filter (where is_wrong) as opened_ts,
        {%- for name in carried %}
        {{ min_by_keys(name, ["moment_ts"]) }} as {{ name }},
        {%- endfor %}
        max(equal_count) as observed_value,
        max(threshold_value) as threshold_value,
        max(horizon_days) as horizon_days,
        max(case when has_conflict then spread_amount_local else 0 end) as spread_amount_local,
        max(case when is_below_floor then floor_amount_local - price_amount_local else 0 end) as below_amount_local,
        case when count(*) = count(next_moment_ts) then max(next_moment_ts) end as right_ts,
        {{ max_by_keys("next_known_ts", ["moment_ts"]) }} as right_known_ts
    from numbered
    group by unit_key, stretch_no

),

approvals as (

    select
        stretches.unit_key,
        stretches.stretch_no,
        min(steps.decided_ts) as approved_ts,
        {{ min_by_keys("steps.received_ts", ["steps.decided_ts", "steps.request_id"]) }} as approved_known_ts
    from stretches
    inner join {{ ref("fct_approval_step") }} as steps on stretches.price_id = steps.object_id
    where steps.process = 'price' and steps.decision_code = 'approved' and steps.decided_ts > stretches.opened_ts
    group by stretches.unit_key, stretches.stretch_no

),

placed as (

    select
        stretches.*,
        stretches.unit_key || '|' || {{ control_instant("stretches.opened_ts") }} as stretch_key,
        {{ reporting_date("stretches.opened_ts") }} as from_date,
        approvals.approved_ts,
        approvals.approved_known_ts,
        {{ mapped_dim("stretches.channel_id", "channels.channel_id") }} as channel,
        {{ mapped_dim("nullif(stretches.location_id, '*')", "locations.location_id") }} as location,
        case when stretches.location_id = '*' then 'NONE' else coalesce(locations.region, 'UNKNOWN') end as region,
        coalesce(products.category, 'UNKNOWN') as category
    from stretches
    left join approvals
        on stretches.unit_key = approvals.unit_key and stretches.stretch_no = approvals.stretch_no
    left join {{ ref("dim_channel") }} as channels on stretches.channel_id = channels.channel_id
    left join {{ ref("dim_location") }} as locations on stretches.location_id = locations.location_id
    left join {{ ref("dim_product") }} as products on stretches.sku = products.sku

),

daily as (

    {{ control_daily_units("placed", "stretch_key") }}

),

assessed as (

    select
        placed.*,
        placed.unit_key as business_key,
        {{ control_instant("placed.opened_ts") }} as opening_key,
        greatest(placed.opened_ts, placed.known_ts) as detected_ts,
        false as is_evidence_overdue,
        {{ control_first_ending([
            ["placed.right_ts", "placed.right_known_ts", "'one price, not below the floor'"],
            ["placed.approved_ts", "placed.approved_known_ts", "'approved'"],
        ]) }},
        case when placed.threshold_value is null then 'not_enough_data' end as blocked_code,
        {{ money(
            "cast(greatest(placed.spread_amount_local, placed.below_amount_local) * rates.reporting_rate"
            ~ " * daily.daily_qty * placed.horizon_days as double)"
        ) }} as value_at_risk_amount
    from placed
    left join daily on placed.stretch_key = daily.stretch_key
    left join {{ ref("int_finance__daily_rate") }} as rates
        on placed.currency_code = rates.currency_code and placed.from_date = rates.rate_date

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E47c",
    "'price_list'",
    has=[
        "channel", "location", "region", "category", "sku", "observed_value", "threshold_value", "value_at_risk_amount",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"]
) }}
