-- One row a cut, pair of systems, location and item on which either side has a row, or that is ranged where both
-- snapshots are complete: what each side says, null where an absent row does not mean zero.
with

cuts as (
    select * from {{ ref('int_stock__system_cut') }}
),

side_a as (
    select
        cuts.snapshot_ts,
        cuts.location_id,
        cuts.system_b,
        snapshots.sku,
        snapshots.gross_on_hand_qty,
        snapshots._file_digest,
        snapshots._line,
        snapshots.received_ts,
        snapshots.first_received_ts
    from cuts
    inner join {{ ref('fct_stock_snapshot') }} as snapshots
        on
            cuts.snapshot_ts = snapshots.snapshot_ts
            and cuts.location_id = snapshots.location_id
            and cuts.system_a = snapshots.system_code
),

side_b as (
    select
        cuts.snapshot_ts,
        cuts.location_id,
        cuts.system_b,
        snapshots.sku,
        snapshots.gross_on_hand_qty,
        snapshots._file_digest,
        snapshots._line,
        snapshots.received_ts,
        snapshots.first_received_ts
    from cuts
    inner join {{ ref('fct_stock_snapshot') }} as snapshots
        on
            cuts.snapshot_ts = snapshots.snapshot_ts
            and cuts.location_id = snapshots.location_id
            and cuts.system_b = snapshots.system_code
),

ranged as (
    select
        cuts.snapshot_ts,
        cuts.location_id,
        cuts.system_b,
        ranges.sku
    from cuts
    inner join {{ ref('int_stock__range_interval') }} as ranges
        on
            cuts.location_id = ranges.location_id
            and cuts.cut_date between ranges.valid_from and ranges.valid_to
    where cuts.is_complete_a and cuts.is_complete_b
),

sides as (
    select
        coalesce(side_a.snapshot_ts, side_b.snapshot_ts) as snapshot_ts,
        coalesce(side_a.location_id, side_b.location_id) as location_id,
        coalesce(side_a.system_b, side_b.system_b) as system_b,
        coalesce(side_a.sku, side_b.sku) as sku,
        side_a.gross_on_hand_qty as row_qty_a,
        side_b.gross_on_hand_qty as row_qty_b,
        coalesce(side_b._file_digest, side_a._file_digest) as _file_digest,
        coalesce(side_b._line, side_a._line) as _line,
        coalesce(side_b.received_ts, side_a.received_ts) as received_ts,
        coalesce(side_b.first_received_ts, side_a.first_received_ts) as first_received_ts
    from side_a
    full outer join side_b
        on
            side_a.snapshot_ts = side_b.snapshot_ts
            and side_a.location_id = side_b.location_id
            and side_a.system_b = side_b.system_b
            and side_a.sku = side_b.sku
)

select
    coalesce(sides.snapshot_ts, ranged.snapshot_ts) as snapshot_ts,
    coalesce(sides.location_id, ranged.location_id) as location_id,
    coalesce(sides.system_b, ranged.system_b) as system_b,
    coalesce(sides.sku, ranged.sku) as sku,
    sides.row_qty_a,
    sides.row_qty_b,
    sides._file_digest,
    sides._line,
    sides.received_ts,
    sides.first_received_ts
from sides
full outer join ranged
    on
        sides.snapshot_ts = ranged.snapshot_ts
        and sides.location_id = ranged.location_id
        and sides.system_b = ranged.system_b
        and sides.sku = ranged.sku
