-- A returned row is a location and item whose last running balance differs from the sum of the movements that were
-- landed.
with

landed as (
    select
        location_id,
        sku,
        sum(quantity) as landed_qty
    from {{ ref('stg_erp__inventory_movement') }}
    group by location_id, sku
),

held as (
    select
        location_id,
        sku,
        balance_qty
    from {{ ref('int_stock__balance') }}
    where next_event_ts is null
)

select
    landed.location_id,
    landed.sku,
    landed.landed_qty,
    held.balance_qty
from landed
full outer join held
    on
        landed.location_id = held.location_id
        and landed.sku = held.sku
where coalesce(landed.landed_qty, 0) <> coalesce(held.balance_qty, 0) or held.sku is null
