-- Grain: one movement of the stock ledger. quantity adds up to the stock of a location and item.
select
    movements.movement_id,
    movements.location_id,
    movements.sku,
    movements.movement_type,
    movements.quantity,
    movements.state_code,
    movements.event_ts,
    cast(round(movements.unit_cost_amount * rates.reporting_rate, 4) as decimal(18, 4)) as unit_cost_amount,
    movements.reference_type,
    movements.reference_id,
    movements.reason_code,
    {{ mapped_dim('movements.location_id', 'locations.location_id') }} as location,
    coalesce(locations.region, 'UNKNOWN') as region,
    coalesce(products.category, 'UNKNOWN') as category,
    coalesce(products.supplier, 'UNKNOWN') as supplier,
    {{ evidence('inventory_movement', 'movements') }}
from {{ ref('stg_erp__inventory_movement') }} as movements
left join {{ ref('dim_location') }} as locations
    on movements.location_id = locations.location_id
left join {{ ref('dim_product') }} as products
    on movements.sku = products.sku
left join {{ ref('int_finance__daily_rate') }} as rates
    on
        movements.currency_code = rates.currency_code
        and cast(movements.event_ts as date) = rates.rate_date
