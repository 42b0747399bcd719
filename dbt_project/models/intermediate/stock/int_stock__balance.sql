-- One row a movement of the stock ledger: the stock of its location and item after it, and until when that held.
select
    movement_id,
    location_id,
    sku,
    event_ts,
    {{ whole('sum(quantity) over in_order') }} as balance_qty,
    {{ whole("sum(case when state_code = 'sellable' then quantity else 0 end) over in_order") }}
        as sellable_balance_qty,
    lead(event_ts) over (partition by location_id, sku order by event_ts, movement_id) as next_event_ts
from {{ ref('fct_stock_movement') }}
window in_order as (partition by location_id, sku order by event_ts, movement_id rows unbounded preceding)
