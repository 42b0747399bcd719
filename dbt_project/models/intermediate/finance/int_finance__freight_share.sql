-- One row a kind of cost of a shipment and order line: the line's share in reporting currency, by weight (by units
-- where a weight is not known). Shares of a cost add up to it; a cost without a rate has none.
{{ config(materialized='view') }}
with

shipped as (
    select
        parcels.shipment_id,
        parcels.order_line_key,
        parcels.location_id,
        sum(parcels.shipped_qty) as shipped_qty,
        sum(parcels.shipped_qty * products.weight_kg) as weight_kg,
        count(products.weight_kg) = count(*) as is_weighed
    from {{ ref('int_order__parcel_line') }} as parcels
    left join {{ ref('dim_product') }} as products
        on parcels.sku = products.sku
    group by parcels.shipment_id, parcels.order_line_key, parcels.location_id
),

weighted as (
    select
        *,
        case
            when
                bool_and(is_weighed) over (partition by shipment_id)
                and sum(weight_kg) over (partition by shipment_id) > 0
                then weight_kg
            else shipped_qty
        end as line_weight
    from shipped
),

cumulative as (
    select
        *,
        sum(line_weight) over upto_line as weight_upto,
        sum(line_weight) over all_lines as shipment_weight
    from weighted
    window
        upto_line as (partition by shipment_id order by order_line_key rows unbounded preceding),
        all_lines as (
            partition by shipment_id order by order_line_key rows between unbounded preceding and unbounded following
        )
),

costs as (
    select
        costs.*,
        {{ reporting_date('costs.cost_ts') }} as cost_date
    from {{ ref('stg_wms__shipment_cost') }} as costs
)

select
    costs.shipment_id,
    costs.cost_type,
    costs.cost_ts,
    costs.cost_date,
    costs._file_digest,
    costs._line,
    costs.received_ts,
    cumulative.order_line_key,
    cumulative.location_id,
    {{ cumulative_part(
        money('costs.amount * rates.reporting_rate'),
        'cumulative.weight_upto', 'cumulative.weight_upto - cumulative.line_weight', 'cumulative.shipment_weight'
    ) }} as amount
from costs
inner join cumulative
    on costs.shipment_id = cumulative.shipment_id
left join {{ ref('int_finance__daily_rate') }} as rates
    on
        costs.currency_code = rates.currency_code
        and costs.cost_date = rates.rate_date
