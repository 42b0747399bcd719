-- One row a stock pair of fct_stock_pair, with why it does not count (K30): only the last cut of a day does.
{{ config(materialized='view') }}

with last_cuts as (
    select
        system_b,
        location_id,
        cut_date,
        max(snapshot_ts) as snapshot_ts
    from {{ ref('fct_stock_pair') }}
    group by system_b, location_id, cut_date
)

select
    concat_ws(
        '|', pairs.system_b, pairs.location_id, pairs.sku, cast(pairs.snapshot_ts as string)
    ) as pair_key,
    pairs.cut_date,
    case
        when last_cuts.snapshot_ts is null then 'out:earlier_cut_of_day'
        when not pairs.is_comparable then 'no_data:missing_in_partial_snapshot'
        when not pairs.is_ranged and pairs.gross_qty_a = 0 and pairs.gross_qty_b = 0 then 'out:not_ranged_no_stock'
    end as exclusion_reason,
    pairs.location_id,
    pairs.sku,
    pairs.is_mismatch,
    pairs.difference_qty,
    pairs.gross_qty_a,
    pairs.unit_cost_amount,
    pairs.interface,
    pairs.location,
    pairs.region,
    pairs.category,
    pairs.source_entity,
    pairs._file_digest,
    pairs._line
from {{ ref('fct_stock_pair') }} as pairs
left join last_cuts
    on
        pairs.system_b = last_cuts.system_b
        and pairs.location_id = last_cuts.location_id
        and pairs.cut_date = last_cuts.cut_date
        and pairs.snapshot_ts = last_cuts.snapshot_ts
