-- One row an order of two units or more that left completely by shipments: how many there were, and what they cost
-- (K11). A kit is its components; replacements and cancelled shipments do not count, parcels of one shipment count
-- once.
{{ config(materialized='view') }}

with

wanted as (
    select
        order_id,
        sum(ordered_qty - cancelled_qty) as wanted_qty
    from {{ ref('fct_order_line') }}
    where is_unit_scope
    group by order_id
),

shipments as (
    select
        order_id,
        count(*) as shipment_count,
        sum(shipped_qty) as shipped_qty,
        max(shipped_ts) as last_shipped_ts,
        case when count(freight_amount) = count(*) then sum(freight_amount) - max(freight_amount) end as extra_amount
    from {{ ref('fct_shipment') }}
    where not is_replacement and status_code <> 'cancelled'
    group by order_id
)

select
    orders.order_id,
    {{ kpi_order_exclusion() }} as exclusion_reason,
    {{ reporting_date('shipments.last_shipped_ts') }} as last_shipped_date,
    shipments.shipment_count,
    shipments.extra_amount,
    orders.channel,
    orders.region,
    orders.order_type,
    orders.source_entity,
    orders._file_digest,
    orders._line
from {{ ref('fct_order') }} as orders
inner join wanted on orders.order_id = wanted.order_id
inner join shipments on orders.order_id = shipments.order_id
where wanted.wanted_qty >= 2 and shipments.shipped_qty >= wanted.wanted_qty
