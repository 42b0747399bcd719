-- Grain: one movement or one cut after which an item's stock at a location is below zero in one system,
-- with when that ended. Read from the stock ledger (the location's system of record), which is a balance
-- only where it begins with an opening one, and from every system's snapshots. An item absent from a
-- complete snapshot has none.
{{ config(contract={"enforced": false}) }}

with locations as (

    select
        location_id,
        stock_system_code
    from {{ ref("dim_location") }}

),

opened_ledgers as (

    select distinct location_id
    from {{ ref("fct_stock_movement") }}
    where movement_type = 'opening'

),

ledger_pairs as (

    select distinct
        location_id,
        sku
    from {{ ref("int_stock__balance") }}
    where balance_qty < 0

),

ledger as (

    select
        movements.*,
        balances.balance_qty,
        balances.next_event_ts,
        lead(movements.first_received_ts) over (
            partition by movements.location_id, movements.sku order by movements.event_ts, movements.movement_id
        ) as next_known_ts
    from {{ ref("fct_stock_movement") }} as movements
    inner join ledger_pairs on movements.location_id = ledger_pairs.location_id and movements.sku = ledger_pairs.sku
    inner join {{ ref("int_stock__balance") }} as balances on movements.movement_id = balances.movement_id

),

ledger_rows as (

    select
        locations.stock_system_code as system_code,
        movements.sku,
        movements.location_id,
        movements.location,
        movements.region,
        movements.category,
        movements.supplier,
        movements.event_ts as from_ts,
        movements.next_event_ts as until_ts,
        movements.balance_qty as on_hand_qty,
        movements.movement_id as row_key,
        movements.first_received_ts as known_ts,
        movements.next_known_ts as until_known_ts,
        opened_ledgers.location_id is not null as is_balance,
        'inventory_movement' as evidence_entity,
        movements._file_digest,
        movements._line
    from ledger as movements
    inner join locations on movements.location_id = locations.location_id
    left join opened_ledgers on movements.location_id = opened_ledgers.location_id
    where movements.balance_qty < 0

),

snapshots as (

    select * from {{ ref("fct_stock_snapshot") }}

),

below_zero as (

    select distinct
        system_code,
        location_id,
        sku
    from snapshots
    where gross_on_hand_qty < 0

),

complete_cuts as (

    select
        system_code,
        location_id,
        snapshot_ts,
        min(first_received_ts) as known_ts
    from snapshots
    where coverage_code = 'complete'
    group by system_code, location_id, snapshot_ts

),

cut_rows as (

    select
        below_zero.system_code,
        below_zero.sku,
        below_zero.location_id,
        snapshots.snapshot_ts,
        snapshots.gross_on_hand_qty,
        snapshots.first_received_ts as known_ts
    from below_zero
    inner join snapshots
        on
            below_zero.system_code = snapshots.system_code
            and below_zero.location_id = snapshots.location_id
            and below_zero.sku = snapshots.sku
    union all
    select
        below_zero.system_code,
        below_zero.sku,
        below_zero.location_id,
        complete_cuts.snapshot_ts,
        0 as gross_on_hand_qty,
        complete_cuts.known_ts
    from below_zero
    inner join complete_cuts
        on
            below_zero.system_code = complete_cuts.system_code
            and below_zero.location_id = complete_cuts.location_id

),

cuts as (

    select
        system_code,
        sku,
        location_id,
        snapshot_ts,
        min(gross_on_hand_qty) as on_hand_qty,
        max(known_ts) as known_ts
    from cut_rows
    group by system_code, sku, location_id, snapshot_ts

),

followed_cuts as (

    select
        *,
        lead(snapshot_ts) over by_cut as until_ts,
        lead(known_ts) over by_cut as until_known_ts
    from cuts
    window by_cut as (partition by system_code, sku, location_id order by snapshot_ts)

),

cut_stretches as (

    select
        followed_cuts.system_code,
        followed_cuts.sku,
        followed_cuts.location_id,
        snapshots.location,
        snapshots.region,
        snapshots.category,
        snapshots.supplier,
        followed_cuts.snapshot_ts as from_ts,
        followed_cuts.until_ts,
        followed_cuts.on_hand_qty,
        'cut ' || {{ control_instant("followed_cuts.snapshot_ts") }} as row_key,
        followed_cuts.known_ts,
        followed_cuts.until_known_ts,
        true as is_balance,
        'inventory_snapshot' as evidence_entity,
        snapshots._file_digest,
        snapshots._line
    from followed_cuts
    inner join snapshots
        on
            followed_cuts.system_code = snapshots.system_code
            and followed_cuts.location_id = snapshots.location_id
            and followed_cuts.sku = snapshots.sku
            and followed_cuts.snapshot_ts = snapshots.snapshot_ts
    where followed_cuts.on_hand_qty < 0

)

select * from ledger_rows
union all
select * from cut_stretches
