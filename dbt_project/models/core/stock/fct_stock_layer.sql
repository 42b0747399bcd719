-- Grain: one layer of stock on hand at the build's instant: units of an item at a location that came to the retailer on
-- one day, first in, first out. Units and value add up over layers, never over time.
with

-- a move from one state to another takes nothing in and nothing out
nets as (
    select
        location_id,
        sku,
        event_ts,
        movement_type,
        coalesce(reference_id, movement_id) as document_id,
        min(movement_id) as movement_id,
        sum(quantity) as quantity,
        {{ min_by_keys('_file_digest', ['movement_id']) }} as _file_digest,
        {{ min_by_keys('_line', ['movement_id']) }} as _line,
        min(received_ts) as received_ts,
        min(first_received_ts) as first_received_ts
    from {{ ref('fct_stock_movement') }}
    where event_ts <= {{ as_of() }}
    group by location_id, sku, event_ts, movement_type, coalesce(reference_id, movement_id)
    having sum(quantity) <> 0
),

arrivals as (
    select
        *,
        (sum(quantity) over in_order) - quantity as before_qty,
        sum(quantity) over (partition by location_id, sku) as arrived_qty
    from nets
    where quantity > 0
    window in_order as (partition by location_id, sku order by event_ts, movement_id rows unbounded preceding)
),

departures as (
    select
        *,
        quantity - (sum(quantity) over in_order) as before_qty
    from nets
    where quantity < 0
    window in_order as (partition by location_id, sku order by event_ts, movement_id rows unbounded preceding)
),

left_units as (
    select
        location_id,
        sku,
        -sum(quantity) as left_qty
    from departures
    group by location_id, sku
),

-- units before `gone_qty` of the pair, counted in the order in which they came, have left
remaining as (
    select
        arrivals.*,
        greatest(coalesce(left_units.left_qty, 0) - arrivals.before_qty, 0) as gone_qty
    from arrivals
    left join left_units
        on
            arrivals.location_id = left_units.location_id
            and arrivals.sku = left_units.sku
    where coalesce(left_units.left_qty, 0) < arrivals.before_qty + arrivals.quantity
),

-- what a transfer brought is as old as the layers of the place that it left
carried as (
    select
        remaining.movement_id,
        sources.event_ts as since_ts,
        sources.movement_type as source_type,
        greatest(sources.before_qty, shipped.before_qty) - shipped.before_qty as from_qty,
        least(sources.before_qty + sources.quantity, shipped.before_qty - shipped.quantity) - shipped.before_qty
            as to_qty
    from remaining
    inner join departures as shipped
        on
            remaining.document_id = shipped.document_id
            and remaining.sku = shipped.sku
            and shipped.movement_type = 'transfer_out'
    inner join arrivals as sources
        on
            shipped.location_id = sources.location_id
            and shipped.sku = sources.sku
            and sources.before_qty < shipped.before_qty - shipped.quantity
            and shipped.before_qty < sources.before_qty + sources.quantity
    where remaining.movement_type = 'transfer_in'
),

pieces as (
    select
        remaining.movement_id,
        carried.since_ts,
        greatest(carried.from_qty, remaining.gone_qty) as from_qty,
        least(carried.to_qty, remaining.quantity) as to_qty
    from remaining
    inner join carried on remaining.movement_id = carried.movement_id

    union all

    -- units of a transfer that the ledger of its source does not explain, and everything else
    select
        remaining.movement_id,
        remaining.event_ts as since_ts,
        greatest(coalesce(explained.to_qty, 0), remaining.gone_qty) as from_qty,
        remaining.quantity as to_qty
    from remaining
    left join (
        select
            movement_id,
            max(to_qty) as to_qty
        from carried
        group by movement_id
    ) as explained on remaining.movement_id = explained.movement_id
)

select
    remaining.movement_id || '|' || cast(pieces.since_ts as string) as layer_key,
    remaining.movement_id,
    remaining.location_id,
    remaining.sku,
    pieces.since_ts,
    {{ reporting_date('pieces.since_ts') }} as since_date,
    {{ whole('sum(pieces.to_qty - pieces.from_qty)') }} as quantity,
    max(costs.unit_cost_amount) as unit_cost_amount,
    max({{ mapped_dim('remaining.location_id', 'locations.location_id') }}) as location,
    max(coalesce(locations.region, 'UNKNOWN')) as region,
    max(coalesce(products.category, 'UNKNOWN')) as category,
    max(coalesce(products.supplier, 'UNKNOWN')) as supplier,
    cast('inventory_movement' as string) as source_entity,
    max(remaining._file_digest) as _file_digest,
    max(remaining._line) as _line,
    max(remaining.received_ts) as received_ts,
    max(remaining.first_received_ts) as first_received_ts
from remaining
inner join pieces
    on
        remaining.movement_id = pieces.movement_id
        and pieces.from_qty < pieces.to_qty
left join {{ ref('dim_location') }} as locations
    on remaining.location_id = locations.location_id
left join {{ ref('dim_product') }} as products
    on remaining.sku = products.sku
left join {{ ref('dim_item_cost') }} as costs
    on
        remaining.sku = costs.sku
        and {{ reporting_date(as_of()) }} >= costs.valid_from_date
        and {{ reporting_date(as_of()) }} < costs.valid_to_date
group by remaining.movement_id, remaining.location_id, remaining.sku, pieces.since_ts
