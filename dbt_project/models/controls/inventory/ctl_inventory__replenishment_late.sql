-- Grain: one stretch in which what is available of an item at a location is at or below its reorder point and neither a
-- proposal waits for its decision nor an order or a transfer is open. E36c: for longer than the limit. While nothing is
-- on order, the stock position is what is available. The reorder point is that of the pair's last proposal; pairs
-- without one, or always above it, have no row.
with proposals as (

    select * from {{ ref("stg_erp__replenishment_proposal") }}

),

points as (

    select
        location_id,
        sku,
        created_ts,
        first_received_ts,
        _file_digest,
        _line,
        reorder_point_qty,
        coalesce(
            lag(reorder_point_qty) over (partition by location_id, sku order by created_ts, proposal_id), 0
        ) as earlier_point_qty,
        row_number() over (partition by location_id, sku order by created_ts, proposal_id) as point_no
    from proposals
    where reorder_point_qty is not null

),

highest as (

    select
        location_id,
        sku,
        max(reorder_point_qty) as reorder_point_qty,
        {{ max_by_keys("_file_digest", ["created_ts", "_line"]) }} as _file_digest,
        {{ max_by_keys("_line", ["created_ts", "_line"]) }} as _line
    from points
    group by location_id, sku

),

candidates as (

    select
        highest.location_id,
        highest.sku,
        max(highest._file_digest) as _file_digest,
        max(highest._line) as _line
    from highest
    inner join {{ ref("int_stock__available_step") }} as steps
        on highest.location_id = steps.location_id and highest.sku = steps.sku
    where steps.available_qty <= highest.reorder_point_qty
    group by highest.location_id, highest.sku

),

steps as (

    select
        steps.location_id,
        steps.sku,
        steps.from_ts,
        steps.available_qty - coalesce(lag(steps.available_qty) over in_order, 0) as step_qty,
        row_number() over in_order as step_no
    from {{ ref("int_stock__available_step") }} as steps
    inner join candidates on steps.location_id = candidates.location_id and steps.sku = candidates.sku
    window in_order as (partition by steps.location_id, steps.sku order by steps.from_ts)

),

started as (

    select
        location_id,
        sku,
        created_ts as from_ts,
        decided_ts as to_ts,
        first_received_ts as from_known_ts,
        received_ts as to_known_ts
    from proposals
    union all
    select
        location_id,
        sku,
        po_sent_ts as from_ts,
        coalesce(completing_receipt_ts, closed_ts) as to_ts,
        first_received_ts as from_known_ts,
        received_ts as to_known_ts
    from {{ ref("fct_purchase_order_line") }}
    where status_code <> 'cancelled' or closed_ts is not null
    union all
    select
        to_location_id as location_id,
        sku,
        created_ts as from_ts,
        completed_ts as to_ts,
        first_received_ts as from_known_ts,
        received_ts as to_known_ts
    from {{ ref("fct_transfer_line") }}
    where status_code <> 'cancelled' or completed_ts is not null

),

changes as (

    select
        location_id,
        sku,
        from_ts as event_ts,
        step_qty,
        0 as point_change,
        0 as started_change,
        case when step_no = 1 then 1 else 0 end as known_stock_count,
        0 as known_point_count,
        cast(null as timestamp) as known_ts
    from steps
    union all
    select
        location_id,
        sku,
        created_ts as event_ts,
        0 as step_qty,
        reorder_point_qty - earlier_point_qty as point_change,
        0 as started_change,
        0 as known_stock_count,
        case when point_no = 1 then 1 else 0 end as known_point_count,
        first_received_ts as known_ts
    from points
    union all
    select
        location_id,
        sku,
        from_ts as event_ts,
        0 as step_qty,
        0 as point_change,
        1 as started_change,
        0 as known_stock_count,
        0 as known_point_count,
        from_known_ts as known_ts
    from started
    union all
    select
        location_id,
        sku,
        to_ts as event_ts,
        0 as step_qty,
        0 as point_change,
        -1 as started_change,
        0 as known_stock_count,
        0 as known_point_count,
        to_known_ts as known_ts
    from started
    where to_ts is not null

),

instants as (

    select
        candidates.location_id,
        candidates.sku,
        changes.event_ts,
        sum(changes.step_qty) as step_qty,
        sum(changes.point_change) as point_change,
        sum(changes.started_change) as started_change,
        sum(changes.known_stock_count) as known_stock_count,
        sum(changes.known_point_count) as known_point_count,
        max(changes.known_ts) as known_ts
    from candidates
    inner join changes on candidates.location_id = changes.location_id and candidates.sku = changes.sku
    where changes.event_ts <= {{ as_of() }}
    group by candidates.location_id, candidates.sku, changes.event_ts

),

levels as (

    select
        *,
        {{ whole("sum(point_change) over upto") }} - {{ whole("sum(step_qty) over upto") }} as short_qty,
        (sum(known_stock_count) over upto) > 0
        and (sum(known_point_count) over upto) > 0
        and (sum(started_change) over upto) <= 0
        and (sum(step_qty) over upto) <= (sum(point_change) over upto) as is_low,
        lead(event_ts) over in_order as next_ts,
        lead(known_ts) over in_order as next_known_ts
    from instants
    window
        in_order as (partition by location_id, sku order by event_ts),
        upto as (
            partition by location_id, sku order by event_ts rows between unbounded preceding and current row
        )

),

{{ control_stretches("levels", "is_low", ["location_id", "sku"], "event_ts") }},

stretches as (

    select
        location_id,
        sku,
        min(event_ts) as began_ts,
        max(short_qty) as short_qty,
        case when count(*) = count(next_ts) then max(next_ts) end as ended_ts,
        {{ max_by_keys("next_known_ts", ["event_ts"]) }} as ended_known_ts
    from numbered
    group by location_id, sku, stretch_no

),

limited as (

    select
        stretches.*,
        cast(stretches.began_ts as date) as began_date,
        {{ control_threshold("limit", ["location"]) }} as limit_hours,
        {{ add_seconds("stretches.began_ts", "3600 * " ~ control_threshold("limit", ["location"])) }} as opened_ts
    from stretches
    {{ control_threshold_joins(
        "E36c", ["limit"], at="stretches.began_ts", scopes={"location": "stretches.location_id"}
    ) }}

),

assessed as (

    select
        limited.sku || '|' || limited.location_id as business_key,
        {{ control_instant("limited.began_ts") }} as opening_key,
        limited.sku,
        coalesce(locations.location_id, 'UNKNOWN') as location,
        coalesce(locations.region, 'UNKNOWN') as region,
        coalesce(products.category, 'UNKNOWN') as category,
        coalesce(products.supplier, 'UNKNOWN') as supplier,
        candidates._file_digest,
        candidates._line,
        limited.opened_ts,
        {{ control_silence_known(
            "limited.opened_ts", "limited.opened_ts", beside=["order_coverage", "transfer_coverage", "stock_coverage"]
        ) }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        limited.ended_ts,
        coalesce(limited.ended_known_ts, limited.ended_ts) as ended_known_ts,
        'started or above' as ended_reason,
        case when limited.opened_ts is null then 'not_enough_data' end as blocked_code,
        {{ control_minutes("limited.began_ts", "coalesce(limited.ended_ts, " ~ as_of() ~ ")") }} as observed_value,
        60 * limited.limit_hours as threshold_value,
        {{ control_margin("products.list_price_amount", "costs.unit_cost_amount", "limited.short_qty") }}
            as value_at_risk_amount
    from limited
    inner join candidates on limited.location_id = candidates.location_id and limited.sku = candidates.sku
    left join {{ ref("dim_location") }} as locations on limited.location_id = locations.location_id
    left join {{ ref("dim_product") }} as products on limited.sku = products.sku
    left join {{ ref("dim_item_cost") }} as costs
        on
            limited.sku = costs.sku
            and limited.began_date >= costs.valid_from_date
            and limited.began_date < costs.valid_to_date
    {{ control_coverage("'replenishment_proposal'", "limited.opened_ts") }}
    {{ control_coverage("'purchase_order'", "limited.opened_ts", alias="order_coverage") }}
    {{ control_coverage("'transfer_line'", "limited.opened_ts", alias="transfer_coverage") }}
    {{ control_coverage("'inventory_movement'", "limited.opened_ts", alias="stock_coverage") }}

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E36c",
    "'replenishment_proposal'",
    has=[
        "location", "region", "category", "supplier", "sku", "observed_value", "threshold_value",
        "value_at_risk_amount",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"],
    is_running=true
) }}
