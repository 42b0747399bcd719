-- K45. Grain: one row an item at a location as a system sees it at its last cut of a day, of complete cuts and where
-- the stock is not nothing.
{% set dims = ['interface', 'location', 'region', 'category'] %}
with last_cuts as (
    select
        system_code,
        location_id,
        cut_date,
        max(snapshot_ts) as snapshot_ts
    from {{ ref('fct_stock_snapshot') }}
    group by system_code, location_id, cut_date
),

shots as (
    select
        concat_ws('|', shots.system_code, shots.location_id, shots.sku, cast(shots.snapshot_ts as string)) as shot_key,
        shots.cut_date,
        shots.gross_on_hand_qty < 0 as is_negative,
        cast(null as string) as exclusion_reason,
        shots.system_code as interface,
        shots.location,
        shots.region,
        shots.category,
        shots.source_entity,
        shots._file_digest,
        shots._line
    from {{ ref('fct_stock_snapshot') }} as shots
    inner join last_cuts
        on
            shots.system_code = last_cuts.system_code
            and shots.location_id = last_cuts.location_id
            and shots.cut_date = last_cuts.cut_date
            and shots.snapshot_ts = last_cuts.snapshot_ts
    where shots.coverage_code = 'complete' or shots.gross_on_hand_qty <> 0
)

{{ kpi_measure('K45', 'shots', 'shot_key', 'cut_date', 'case when is_negative then 1 else 0 end', dims=dims) }}
