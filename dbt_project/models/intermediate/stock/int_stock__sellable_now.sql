-- One row a location and item: sellable units at the build's instant, from the stock ledger; without a ledger from
-- the last complete snapshot of the system of record, gross of reservations and less damaged units.
with

ledger as (
    select
        location_id,
        sku,
        {{ whole("sum(case when state_code = 'sellable' then quantity else 0 end)") }} as sellable_qty,
        'ledger' as basis_code,
        'inventory_movement' as source_entity,
        {{ max_by_keys('_file_digest', ['event_ts', 'movement_id']) }} as _file_digest,
        {{ max_by_keys('_line', ['event_ts', 'movement_id']) }} as _line,
        {{ max_by_keys('received_ts', ['event_ts', 'movement_id']) }} as received_ts,
        {{ max_by_keys('first_received_ts', ['event_ts', 'movement_id']) }} as first_received_ts
    from {{ ref('fct_stock_movement') }}
    where
        event_ts <= {{ as_of() }}
        -- movements without an opening balance do not tell what is there
        and location_id in (
            select location_id
            from {{ ref('fct_stock_movement') }}
            where movement_type = 'opening'
        )
    group by location_id, sku
),

last_cuts as (
    select
        location_id,
        max(snapshot_ts) as snapshot_ts
    from {{ ref('fct_stock_snapshot') }}
    where is_system_of_record and coverage_code = 'complete' and snapshot_ts <= {{ as_of() }}
    group by location_id
),

snapshots as (
    select
        snapshots.location_id,
        snapshots.sku,
        snapshots.gross_on_hand_qty - snapshots.damaged_qty as sellable_qty,
        'snapshot' as basis_code,
        'inventory_snapshot' as source_entity,
        snapshots._file_digest,
        snapshots._line,
        snapshots.received_ts,
        snapshots.first_received_ts
    from {{ ref('fct_stock_snapshot') }} as snapshots
    inner join last_cuts
        on
            snapshots.location_id = last_cuts.location_id
            and snapshots.snapshot_ts = last_cuts.snapshot_ts
    left join ledger
        on
            snapshots.location_id = ledger.location_id
            and snapshots.sku = ledger.sku
    where snapshots.is_system_of_record and ledger.sku is null
)

select * from ledger
union all
select * from snapshots
