-- Grain: one item and location of one source that its master did not know when a movement or stock row spoke of them.
-- E38. What the first delivery of a master held counts as known from the beginning; a later row counts from when the
-- master wrote it. Pairs that both masters knew from the beginning have no row.
with item_versions as (

    select
        sku,
        min(updated_ts) as since_ts,
        min(received_ts) as known_ts
    from {{ source("raw", "product") }}
    group by sku

),

place_versions as (

    select
        location_id,
        min(updated_ts) as since_ts,
        min(received_ts) as known_ts
    from {{ source("raw", "location") }}
    group by location_id

),

items as (

    select
        sku,
        known_ts,
        case
            when known_ts = min(known_ts) over () then cast('1900-01-01' as timestamp) else since_ts
        end as since_ts
    from item_versions

),

places as (

    select
        location_id,
        known_ts,
        case
            when known_ts = min(known_ts) over () then cast('1900-01-01' as timestamp) else since_ts
        end as since_ts
    from place_versions

),

stock_rows as (

    select
        'inventory_movement' as source_code,
        'inventory_movement' as evidence_entity,
        sku,
        location_id,
        event_ts,
        first_received_ts,
        quantity,
        unit_cost_amount,
        _file_digest,
        _line
    from {{ ref("fct_stock_movement") }}
    union all
    select
        system_code as source_code,
        'inventory_snapshot' as evidence_entity,
        sku,
        location_id,
        snapshot_ts as event_ts,
        first_received_ts,
        gross_on_hand_qty as quantity,
        cast(null as decimal(18, 4)) as unit_cost_amount,
        _file_digest,
        _line
    from {{ ref("fct_stock_snapshot") }}

),

strange as (

    select
        stock_rows.*,
        items.sku is null or items.since_ts > cast('1900-01-01' as timestamp) as is_item_late,
        places.location_id is null or places.since_ts > cast('1900-01-01' as timestamp) as is_place_late,
        items.sku is not null and places.location_id is not null as is_mended,
        greatest(items.since_ts, places.since_ts) as since_ts,
        greatest(items.known_ts, places.known_ts) as since_known_ts
    from stock_rows
    left join items on stock_rows.sku = items.sku
    left join places on stock_rows.location_id = places.location_id
    where
        items.sku is null
        or places.location_id is null
        or items.since_ts > cast('1900-01-01' as timestamp)
        or places.since_ts > cast('1900-01-01' as timestamp)

),

pairs as (

    select
        source_code,
        sku,
        location_id,
        min(evidence_entity) as evidence_entity,
        bool_or(is_item_late) as is_item_late,
        bool_or(is_place_late) as is_place_late,
        max(case when is_mended then since_ts end) as mended_ts,
        max(case when is_mended then since_known_ts end) as mended_known_ts,
        min(event_ts) as began_ts,
        {{ min_by_keys("first_received_ts", ["event_ts", "first_received_ts"]) }} as known_ts,
        count(*) filter (where not is_mended or event_ts < since_ts) as row_count,
        sum(abs(quantity) * unit_cost_amount) as moved_amount,
        {{ min_by_keys("_file_digest", ["event_ts", "_file_digest", "_line"]) }} as _file_digest,
        {{ min_by_keys("_line", ["event_ts", "_file_digest", "_line"]) }} as _line
    from strange
    group by source_code, sku, location_id

),

orders as (

    select
        pairs.source_code,
        pairs.sku,
        pairs.location_id,
        sum({{ control_undelivered_value("line", "pairs.began_ts") }}) as value_at_risk_amount
    from pairs
    inner join {{ ref("fct_order_line") }} as line
        on pairs.sku = line.sku and pairs.location_id = line.last_allocated_location_id
    where line.is_in_scope and coalesce(line.closed_ts > pairs.began_ts, true)
    group by pairs.source_code, pairs.sku, pairs.location_id

),

limited as (

    select
        pairs.*,
        {{ control_threshold("rows", ["location"]) }} as fewest_rows
    from pairs
    {{ control_threshold_joins("E38", ["rows"], at="pairs.began_ts", scopes={"location": "pairs.location_id"}) }}

),

assessed as (

    select
        limited.*,
        limited.source_code || '|' || limited.sku || '|' || limited.location_id as business_key,
        {{ control_instant("limited.began_ts") }} as opening_key,
        coalesce(locations.location_id, 'UNKNOWN') as location,
        coalesce(locations.region, 'UNKNOWN') as region,
        coalesce(products.category, 'UNKNOWN') as category,
        coalesce(products.supplier, 'UNKNOWN') as supplier,
        case when limited.fewest_rows <= greatest(limited.row_count, 1) then limited.began_ts end as opened_ts,
        case
            when
                (not limited.is_item_late or item_coverage.known_ts is not null)
                and (not limited.is_place_late or place_coverage.known_ts is not null)
                then greatest(
                    limited.began_ts,
                    limited.known_ts,
                    case when limited.is_item_late then item_coverage.known_ts else limited.known_ts end,
                    case when limited.is_place_late then place_coverage.known_ts else limited.known_ts end
                )
        end as detected_ts,
        (limited.is_item_late and coalesce(item_coverage.is_overdue, true))
        or (limited.is_place_late and coalesce(place_coverage.is_overdue, true)) as is_evidence_overdue,
        limited.mended_ts as ended_ts,
        limited.mended_known_ts as ended_known_ts,
        'master added' as ended_reason,
        case when limited.fewest_rows is null then 'not_enough_data' end as blocked_code,
        limited.row_count as observed_value,
        limited.fewest_rows as threshold_value,
        coalesce(orders.value_at_risk_amount, {{ money("limited.moved_amount") }}) as value_at_risk_amount
    from limited
    left join orders
        on
            limited.source_code = orders.source_code
            and limited.sku = orders.sku
            and limited.location_id = orders.location_id
    left join {{ ref("dim_product") }} as products on limited.sku = products.sku
    left join {{ ref("dim_location") }} as locations on limited.location_id = locations.location_id
    {{ control_coverage("'product'", "limited.began_ts", alias="item_coverage") }}
    {{ control_coverage("'location'", "limited.began_ts", alias="place_coverage") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E38",
    "evidence_entity",
    has=[
        "location", "region", "category", "supplier", "sku", "observed_value", "threshold_value",
        "value_at_risk_amount",
    ]
) }}
