-- Grain: one item at a location at the build's instant. free_qty is the pool, each unit once: it adds up over items
-- and locations, never over time. atf_qty may be negative, so that a negative store is seen; it is not summed into
-- the pool.
with

stock as (
    select
        sellable.*,
        coalesce(claims.hard_reserved_qty, 0) as hard_reserved_qty,
        coalesce(claims.soft_reserved_qty, 0) as soft_reserved_qty,
        coalesce(claims.committed_transfer_out_qty, 0) as committed_transfer_out_qty,
        coalesce(claims.firm_inbound_qty, 0) as firm_inbound_qty,
        coalesce(safety.safety_stock_qty, 0) as safety_stock_qty,
        coalesce(safety.presentation_min_qty, 0) as presentation_min_qty
    from {{ ref('int_stock__sellable_now') }} as sellable
    left join {{ ref('int_stock__claim_now') }} as claims
        on
            sellable.location_id = claims.location_id
            and sellable.sku = claims.sku
    left join {{ ref('int_stock__safety_now') }} as safety
        on
            sellable.location_id = safety.location_id
            and sellable.sku = safety.sku
),

available as (
    select
        *,
        sellable_qty - hard_reserved_qty - soft_reserved_qty - committed_transfer_out_qty as atf_qty
    from stock
)

select
    available.sku,
    available.location_id,
    available.sellable_qty as on_hand_sellable_qty,
    available.basis_code as on_hand_basis_code,
    available.hard_reserved_qty,
    available.soft_reserved_qty,
    available.committed_transfer_out_qty,
    available.atf_qty,
    available.safety_stock_qty,
    available.presentation_min_qty,
    greatest(available.atf_qty - available.safety_stock_qty - available.presentation_min_qty, 0) as free_qty,
    available.firm_inbound_qty,
    {{ mapped_dim('available.location_id', 'locations.location_id') }} as location,
    coalesce(locations.region, 'UNKNOWN') as region,
    coalesce(products.category, 'UNKNOWN') as category,
    coalesce(products.supplier, 'UNKNOWN') as supplier,
    available.source_entity,
    available._file_digest,
    available._line,
    available.received_ts,
    available.first_received_ts
from available
left join {{ ref('dim_location') }} as locations
    on available.location_id = locations.location_id
left join {{ ref('dim_product') }} as products
    on available.sku = products.sku
