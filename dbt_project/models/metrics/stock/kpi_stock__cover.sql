-- K36. Grain: one row an item at a location at as_of. Stock: never to be summed over time. Days are kept in
-- seconds.
with pairs as (
    select
        *,
        case
            when unit_cost_amount is null then 'no_data:no_cost'
            when in_stock_day_count = 0 then 'no_data:never_in_stock'
            when sold_qty = 0 then 'out:no_demand'
        end as exclusion_reason
    from {{ ref('int_kpi__cover') }}
)

{{ kpi_measure(
    'K36', 'pairs', "location_id || '|' || sku", reporting_date(as_of()), '86400 * available_qty * unit_cost_amount',
    'daily_demand_qty * unit_cost_amount', dims=['location', 'region', 'category', 'supplier']
) }}
