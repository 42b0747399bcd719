-- Grain: one stretch in which hard reservations and transfers that have not left claim more of an item at a location
-- than there is sellable, and one row a candidate that had none. E39: for longer than the limit. Stock below zero
-- without a claim is E28. Read where the ledger has an opening balance; pairs that always had enough have no row.
with candidates as (

    select distinct
        location_id,
        sku
    from {{ ref("int_stock__available_step") }}
    where available_qty < 0

),

changes as (

    select
        location_id,
        sku,
        event_ts,
        quantity as stock_change,
        0 as claim_change,
        first_received_ts as known_ts
    from {{ ref("fct_stock_movement") }}
    where state_code = 'sellable'
    union all
    select
        location_id,
        sku,
        created_ts as event_ts,
        0 as stock_change,
        quantity as claim_change,
        first_received_ts as known_ts
    from {{ ref("fct_reservation") }}
    where reservation_type = 'hard'
    union all
    select
        location_id,
        sku,
        coalesce(ended_ts, created_ts) as event_ts,
        0 as stock_change,
        -quantity as claim_change,
        received_ts as known_ts
    from {{ ref("fct_reservation") }}
    where reservation_type = 'hard' and (ended_ts is not null or status_code <> 'active')
    union all
    select
        from_location_id as location_id,
        sku,
        created_ts as event_ts,
        0 as stock_change,
        ordered_qty as claim_change,
        first_received_ts as known_ts
    from {{ ref("fct_transfer_line") }}
    union all
    select
        from_location_id as location_id,
        sku,
        coalesce(shipped_ts, completed_ts, created_ts) as event_ts,
        0 as stock_change,
        committed_out_qty - ordered_qty as claim_change,
        received_ts as known_ts
    from {{ ref("fct_transfer_line") }}
    where ordered_qty > committed_out_qty

),

instants as (

    select
        candidates.location_id,
        candidates.sku,
        changes.event_ts,
        sum(changes.stock_change) as stock_change,
        sum(changes.claim_change) as claim_change,
        max(changes.known_ts) as known_ts
    from candidates
    inner join changes on candidates.location_id = changes.location_id and candidates.sku = changes.sku
    where changes.event_ts <= {{ as_of() }}
    group by candidates.location_id, candidates.sku, changes.event_ts

),

balances as (

    select
        *,
        {{ whole("sum(claim_change) over upto") }} as claimed_qty,
        {{ whole("sum(claim_change) over upto") }} - {{ whole("sum(stock_change) over upto") }} as short_qty,
        lead(event_ts) over in_order as next_ts,
        lead(known_ts) over in_order as next_known_ts
    from instants
    window
        in_order as (partition by location_id, sku order by event_ts),
        upto as (
            partition by location_id, sku order by event_ts rows between unbounded preceding and current row
        )

),

limited as (

    select
        balances.*,
        {{ control_threshold("units", ["location"]) }} as fewest_units,
        {{ control_threshold("limit", ["location"]) }} as limit_minutes,
        balances.claimed_qty > 0
        and balances.short_qty >= coalesce({{ control_threshold("units", ["location"]) }}, 1) as is_short
    from balances
    {{ control_threshold_joins(
        "E39", ["units", "limit"], at="balances.event_ts", scopes={"location": "balances.location_id"}
    ) }}

),

{{ control_stretches("limited", "is_short", ["location_id", "sku"], "event_ts") }},

stretches as (

    select
        location_id,
        sku,
        min(event_ts) as began_ts,
        {{ min_by_keys("known_ts", ["event_ts"]) }} as known_ts,
        max(limit_minutes) as limit_minutes,
        max(fewest_units) as threshold_value,
        max(short_qty) as short_qty,
        case when count(*) = count(next_ts) then max(next_ts) end as ended_ts,
        {{ max_by_keys("next_known_ts", ["event_ts"]) }} as ended_known_ts
    from numbered
    group by location_id, sku, stretch_no

),

timed as (

    select
        *,
        {{ add_seconds("began_ts", "60 * limit_minutes") }} as opened_ts,
        cast(began_ts as date) as began_date
    from stretches

),

claimants as (

    select
        timed.location_id,
        timed.sku,
        timed.began_ts,
        min(line.first_promise_latest_ts) as promise_latest_ts,
        count(distinct line.order_id) as open_orders_touched
    from timed
    inner join {{ ref("fct_reservation") }} as reservations
        on timed.location_id = reservations.location_id and timed.sku = reservations.sku
    inner join {{ ref("fct_order_line") }} as line on reservations.order_line_key = line.order_line_key
    where
        reservations.reservation_type = 'hard'
        and reservations.created_ts <= timed.opened_ts
        and coalesce(reservations.ended_ts > timed.began_ts, reservations.status_code = 'active')
    group by timed.location_id, timed.sku, timed.began_ts

),

assessed as (

    select
        candidates.sku || '|' || candidates.location_id as business_key,
        {{ control_instant("timed.began_ts") }} as opening_key,
        candidates.sku,
        coalesce(locations.location_id, 'UNKNOWN') as location,
        coalesce(locations.region, 'UNKNOWN') as region,
        coalesce(products.category, 'UNKNOWN') as category,
        coalesce(products.supplier, 'UNKNOWN') as supplier,
        stock._file_digest,
        stock._line,
        stock.source_entity as evidence_entity,
        timed.opened_ts,
        {{ control_silence_known("timed.opened_ts", "timed.known_ts", beside="reservation_coverage") }} as detected_ts,
        coverage.is_overdue or coalesce(reservation_coverage.is_overdue, false) as is_evidence_overdue,
        timed.ended_ts,
        timed.ended_known_ts,
        'claims within stock' as ended_reason,
        case when timed.began_ts is not null and timed.opened_ts is null then 'not_enough_data' end as blocked_code,
        coalesce(timed.short_qty, 0) as observed_value,
        timed.threshold_value,
        {{ control_margin("products.list_price_amount", "costs.unit_cost_amount", "timed.short_qty") }}
            as value_at_risk_amount,
        claimants.promise_latest_ts,
        claimants.open_orders_touched
    from candidates
    left join timed on candidates.location_id = timed.location_id and candidates.sku = timed.sku
    left join claimants
        on
            timed.location_id = claimants.location_id
            and timed.sku = claimants.sku
            and timed.began_ts = claimants.began_ts
    inner join {{ ref("int_stock__sellable_now") }} as stock
        on candidates.location_id = stock.location_id and candidates.sku = stock.sku
    left join {{ ref("dim_location") }} as locations on candidates.location_id = locations.location_id
    left join {{ ref("dim_product") }} as products on candidates.sku = products.sku
    left join {{ ref("dim_item_cost") }} as costs
        on
            candidates.sku = costs.sku
            and timed.began_date >= costs.valid_from_date
            and timed.began_date < costs.valid_to_date
    {{ control_coverage("'inventory_movement'", "timed.opened_ts") }}
    {{ control_coverage("'reservation'", "timed.opened_ts", alias="reservation_coverage") }}

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E39",
    "evidence_entity",
    has=[
        "location", "region", "category", "supplier", "sku", "observed_value", "threshold_value",
        "value_at_risk_amount", "promise_latest_ts", "open_orders_touched",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"]
) }}
