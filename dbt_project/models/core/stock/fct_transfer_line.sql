-- Grain: one line of a transfer order between locations. Units add up over lines; shipped and received are the same
-- units twice.
select
    transfers.transfer_id,
    transfers.line_no,
    transfers.sku,
    transfers.from_location_id,
    transfers.to_location_id,
    transfers.ordered_qty,
    transfers.shipped_qty,
    transfers.received_qty,
    case
        when transfers.status_code = 'open' then greatest(transfers.ordered_qty - transfers.shipped_qty, 0) else 0
    end as committed_out_qty,
    transfers.created_ts,
    transfers.shipped_ts,
    transfers.completed_ts,
    transfers.status_code,
    {{ mapped_dim('transfers.to_location_id', 'locations.location_id') }} as location,
    coalesce(locations.region, 'UNKNOWN') as region,
    coalesce(products.category, 'UNKNOWN') as category,
    {{ evidence('transfer_line', 'transfers') }}
from {{ ref('stg_erp__transfer_line') }} as transfers
left join {{ ref('dim_location') }} as locations
    on transfers.to_location_id = locations.location_id
left join {{ ref('dim_product') }} as products
    on transfers.sku = products.sku
