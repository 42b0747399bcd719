-- Grain: one outbound shipment. Freight adds up over shipments; parcels of one shipment are counted in parcel_count.
with

parcels as (
    select
        shipment_id,
        {{ whole('sum(shipped_qty)') }} as shipped_qty,
        case when count(delivered_ts) = count(*) then max(delivered_ts) end as delivered_ts
    from {{ ref('int_order__parcel_line') }}
    group by shipment_id
),

freight as (
    select
        costs.shipment_id,
        case
            when count(rates.reporting_rate) = count(*) then {{ money('sum(costs.amount * rates.reporting_rate)') }}
        end as freight_amount
    from (
        select
            *,
            {{ reporting_date('cost_ts') }} as cost_date
        from {{ ref('stg_wms__shipment_cost') }}
    ) as costs
    left join {{ ref('int_finance__daily_rate') }} as rates
        on
            costs.currency_code = rates.currency_code
            and costs.cost_date = rates.rate_date
    group by costs.shipment_id
)

select
    shipments.shipment_id,
    shipments.order_id,
    shipments.location_id,
    shipments.carrier_id,
    shipments.shipped_ts,
    shipments.ship_notice_ts,
    shipments.is_replacement,
    shipments.status_code,
    shipments.parcel_count,
    coalesce(parcels.shipped_qty, 0) as shipped_qty,
    parcels.delivered_ts,
    freight.freight_amount,
    coalesce(orders.channel, 'UNKNOWN') as channel,
    {{ mapped_dim('shipments.location_id', 'locations.location_id') }} as location,
    coalesce(orders.region, 'UNKNOWN') as region,
    shipments.carrier_id as carrier,
    coalesce(orders.order_type, 'UNKNOWN') as order_type,
    {{ evidence('shipment', 'shipments') }}
from {{ ref('stg_wms__shipment') }} as shipments
left join parcels
    on shipments.shipment_id = parcels.shipment_id
left join freight
    on shipments.shipment_id = freight.shipment_id
left join {{ ref('fct_order') }} as orders
    on shipments.order_id = orders.order_id
left join {{ ref('dim_location') }} as locations
    on shipments.location_id = locations.location_id
