-- Grain: one item at a location as one system sees it at a cut. Stock adds up over items and locations of one cut
-- and system, never over time and never over systems.
select
    snapshots.system_code,
    snapshots.location_id,
    snapshots.sku,
    snapshots.snapshot_ts,
    snapshots.on_hand_qty,
    snapshots.on_hand_qty + case when coalesce(policies.nets_reservations, false) then snapshots.reserved_qty else 0 end
        as gross_on_hand_qty,
    snapshots.reserved_qty,
    snapshots.damaged_qty,
    snapshots.coverage_code,
    coalesce(locations.stock_system_code = snapshots.system_code, false) as is_system_of_record,
    {{ reporting_date('snapshots.snapshot_ts') }} as cut_date,
    {{ mapped_dim('snapshots.location_id', 'locations.location_id') }} as location,
    coalesce(locations.region, 'UNKNOWN') as region,
    coalesce(products.category, 'UNKNOWN') as category,
    coalesce(products.supplier, 'UNKNOWN') as supplier,
    {{ evidence('inventory_snapshot', 'snapshots') }}
from {{ ref('stg_wms__inventory_snapshot') }} as snapshots
left join {{ source('raw', 'stock_view_policy') }} as policies
    on snapshots.system_code = policies.system_code
left join {{ ref('dim_location') }} as locations
    on snapshots.location_id = locations.location_id
left join {{ ref('dim_product') }} as products
    on snapshots.sku = products.sku
