-- Grain: one movement of the stock ledger. quantity adds up to the stock of a location and item; the balances are
-- running sums and must not be summed.
with

running as (
    select
        *,
        {{ whole('sum(quantity) over in_order') }} as balance_qty,
        {{ whole("sum(case when state_code = 'sellable' then quantity else 0 end) over in_order") }}
            as sellable_balance_qty,
        lead(event_ts) over (partition by location_id, sku order by event_ts, movement_id) as next_event_ts
    from {{ ref('stg_erp__inventory_movement') }}
    window in_order as (partition by location_id, sku order by event_ts, movement_id rows unbounded preceding)
)

select
    running.movement_id,
    running.location_id,
    running.sku,
    running.movement_type,
    running.quantity,
    running.state_code,
    running.event_ts,
    running.balance_qty,
    running.sellable_balance_qty,
    running.next_event_ts,
    cast(round(running.unit_cost_amount * rates.reporting_rate, 4) as decimal(18, 4)) as unit_cost_amount,
    running.reference_type,
    running.reference_id,
    running.reason_code,
    {{ mapped_dim('running.location_id', 'locations.location_id') }} as location,
    coalesce(locations.region, 'UNKNOWN') as region,
    coalesce(products.category, 'UNKNOWN') as category,
    coalesce(products.supplier, 'UNKNOWN') as supplier,
    {{ evidence('inventory_movement', 'running') }}
from running
left join {{ ref('dim_location') }} as locations
    on running.location_id = locations.location_id
left join {{ ref('dim_product') }} as products
    on running.sku = products.sku
left join {{ ref('int_finance__daily_rate') }} as rates
    on
        running.currency_code = rates.currency_code
        and cast(running.event_ts as date) = rates.rate_date
