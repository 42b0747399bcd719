-- Grain: one item at a location at a cut, the system of record (a) against one other system (b). Both on hand,
-- gross of reservations. Quantities add up within one cut and system_b only, never over time. A pair that is not
-- ranged and zero on both sides is no row.
with

compared as (
    select
        pairs.snapshot_ts,
        pairs.location_id,
        pairs.system_b,
        pairs.sku,
        cuts.system_a,
        cuts.cut_date,
        cuts.interface_id,
        coalesce(pairs.row_qty_a, case when cuts.is_complete_a then 0 end) as gross_qty_a,
        coalesce(pairs.row_qty_b, case when cuts.is_complete_b then 0 end) as gross_qty_b,
        coalesce(in_flight.in_flight_qty, 0) as in_flight_qty,
        ranges.sku is not null as is_ranged,
        coalesce(pairs._file_digest, cuts._file_digest) as _file_digest,
        pairs._line,
        coalesce(pairs.received_ts, cuts.received_ts) as received_ts,
        coalesce(pairs.first_received_ts, cuts.first_received_ts) as first_received_ts
    from {{ ref('int_stock__compared_row') }} as pairs
    inner join {{ ref('int_stock__system_cut') }} as cuts
        on
            pairs.snapshot_ts = cuts.snapshot_ts
            and pairs.location_id = cuts.location_id
            and pairs.system_b = cuts.system_b
    left join {{ ref('int_stock__in_flight') }} as in_flight
        on
            cuts.interface_id = in_flight.interface_id
            and pairs.location_id = in_flight.location_id
            and pairs.sku = in_flight.sku
            and pairs.snapshot_ts = in_flight.snapshot_ts
    left join {{ ref('int_stock__range_interval') }} as ranges
        on
            pairs.location_id = ranges.location_id
            and pairs.sku = ranges.sku
            and cuts.cut_date between ranges.valid_from and ranges.valid_to
),

judged as (
    select
        *,
        gross_qty_a - gross_qty_b - in_flight_qty as difference_qty,
        cast(greatest(1, 0.02 * abs(gross_qty_a)) as decimal(18, 3)) as tolerance_qty,
        gross_qty_a is not null and gross_qty_b is not null as is_comparable,
        case
            when gross_qty_a is not null and gross_qty_b is not null
                then abs(gross_qty_a - gross_qty_b - in_flight_qty) > greatest(1, 0.02 * abs(gross_qty_a))
        end as is_mismatch
    from compared
    where is_ranged or gross_qty_a is null or gross_qty_b is null or gross_qty_a <> 0 or gross_qty_b <> 0
)

select
    judged.snapshot_ts,
    judged.system_b,
    judged.location_id,
    judged.sku,
    judged.system_a,
    judged.interface_id,
    judged.gross_qty_a,
    judged.gross_qty_b,
    judged.in_flight_qty,
    judged.difference_qty,
    case when judged.is_comparable then judged.tolerance_qty end as tolerance_qty,
    judged.is_ranged,
    judged.is_comparable,
    judged.is_mismatch,
    costs.unit_cost_amount,
    judged.cut_date,
    coalesce(judged.interface_id, judged.system_a || '>' || judged.system_b || ':stock') as interface,
    {{ mapped_dim('judged.location_id', 'locations.location_id') }} as location,
    coalesce(locations.region, 'UNKNOWN') as region,
    coalesce(products.category, 'UNKNOWN') as category,
    {{ evidence('inventory_snapshot', 'judged') }}
from judged
left join {{ ref('dim_location') }} as locations
    on judged.location_id = locations.location_id
left join {{ ref('dim_product') }} as products
    on judged.sku = products.sku
left join {{ ref('dim_item_cost') }} as costs
    on
        judged.sku = costs.sku
        and judged.cut_date >= costs.valid_from_date
        and judged.cut_date < costs.valid_to_date
