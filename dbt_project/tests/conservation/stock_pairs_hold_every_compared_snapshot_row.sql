-- A returned row is a cut and pair of systems whose stock in the pairs differs from the snapshots of the two systems.
with

cuts as (
    select * from {{ ref('int_stock__system_cut') }}
),

snapshots as (
    select
        cuts.snapshot_ts,
        cuts.system_b,
        sum(case when snapshots.system_code = cuts.system_a then snapshots.gross_on_hand_qty else 0 end) as qty_a,
        sum(case when snapshots.system_code = cuts.system_b then snapshots.gross_on_hand_qty else 0 end) as qty_b
    from cuts
    inner join {{ ref('fct_stock_snapshot') }} as snapshots
        on
            cuts.snapshot_ts = snapshots.snapshot_ts
            and cuts.location_id = snapshots.location_id
            and snapshots.system_code in (cuts.system_a, cuts.system_b)
    group by cuts.snapshot_ts, cuts.system_b
),

pairs as (
    select
        snapshot_ts,
        system_b,
        sum(gross_qty_a) as qty_a,
        sum(gross_qty_b) as qty_b
    from {{ ref('fct_stock_pair') }}
    group by snapshot_ts, system_b
)

select
    snapshots.snapshot_ts,
    snapshots.system_b,
    snapshots.qty_a,
    pairs.qty_a as pair_qty_a,
    snapshots.qty_b,
    pairs.qty_b as pair_qty_b
from snapshots
full outer join pairs
    on
        snapshots.snapshot_ts = pairs.snapshot_ts
        and snapshots.system_b = pairs.system_b
where
    coalesce(snapshots.qty_a, 0) <> coalesce(pairs.qty_a, 0)
    or coalesce(snapshots.qty_b, 0) <> coalesce(pairs.qty_b, 0)
