-- Grain: one kind of cost of an outbound shipment, in reporting currency at the rate of its posting. Amounts add up
-- to the freight of the shipment.
select
    costs.shipment_id,
    costs.cost_type,
    costs.reason_code,
    {{ money('costs.amount * rates.reporting_rate') }} as amount,
    costs.cost_ts,
    shipments.shipped_ts,
    shipments.status_code as shipment_status_code,
    shipments.location,
    shipments.region,
    shipments.carrier,
    {{ evidence('shipment_cost', 'costs') }}
from (
    select
        *,
        {{ reporting_date('cost_ts') }} as cost_date
    from {{ ref('stg_wms__shipment_cost') }}
) as costs
inner join {{ ref('fct_shipment') }} as shipments
    on costs.shipment_id = shipments.shipment_id
left join {{ ref('int_finance__daily_rate') }} as rates
    on
        costs.currency_code = rates.currency_code
        and costs.cost_date = rates.rate_date
