-- One row a location, item and span of time in which what is available to fulfil stays the same (ATF of K27): sellable
-- units less reservations and transfers that have not left. Only where the ledger has an opening balance; an item that
-- is ranged there before anything moves begins at nought. The last span has no end.
with

ledger_starts as (
    select
        location_id,
        min(event_ts) as opening_ts
    from {{ ref('fct_stock_movement') }}
    where movement_type = 'opening'
    group by location_id
),

reservations as (
    select
        location_id,
        sku,
        quantity,
        created_ts,
        coalesce(
            {{ least_ts('ended_ts', "case when reservation_type = 'soft' then expires_ts end") }},
            case when status_code <> 'active' then created_ts end
        ) as released_ts
    from {{ ref('fct_reservation') }}
),

changes as (
    select
        location_id,
        sku,
        event_ts,
        quantity
    from {{ ref('fct_stock_movement') }}
    where state_code = 'sellable'

    union all

    select
        location_id,
        sku,
        created_ts as event_ts,
        -quantity as quantity
    from reservations

    union all

    select
        location_id,
        sku,
        released_ts as event_ts,
        quantity
    from reservations
    where released_ts is not null

    union all

    select
        from_location_id as location_id,
        sku,
        created_ts as event_ts,
        -ordered_qty as quantity
    from {{ ref('fct_transfer_line') }}

    union all

    -- what has left is in the ledger; of a transfer that is no longer open nothing more leaves
    select
        from_location_id as location_id,
        sku,
        coalesce(shipped_ts, completed_ts, created_ts) as event_ts,
        ordered_qty - committed_out_qty as quantity
    from {{ ref('fct_transfer_line') }}
    where ordered_qty > committed_out_qty

    union all

    select
        ranges.location_id,
        ranges.sku,
        {{ greatest_ts('cast(ranges.valid_from as timestamp)', 'ledger_starts.opening_ts') }} as event_ts,
        0 as quantity
    from {{ ref('int_stock__range_interval') }} as ranges
    inner join ledger_starts on ranges.location_id = ledger_starts.location_id
),

instants as (
    select
        changes.location_id,
        changes.sku,
        changes.event_ts,
        sum(changes.quantity) as quantity
    from changes
    inner join ledger_starts on changes.location_id = ledger_starts.location_id
    where changes.event_ts <= {{ as_of() }}
    group by changes.location_id, changes.sku, changes.event_ts
)

select
    location_id,
    sku,
    event_ts as from_ts,
    lead(event_ts) over (partition by location_id, sku order by event_ts) as to_ts,
    {{ whole(
        'sum(quantity) over (partition by location_id, sku order by event_ts rows unbounded preceding)'
    ) }} as available_qty
from instants
