-- Grain: one parcel of a shipment that was not cancelled: the earliest promise on what is in it, its net value,
-- and when the last line in it was delivered by whatever feed tells.
{{ config(contract={"enforced": false}) }}

select
    shipped.shipment_id || '|' || shipped.parcel_id as parcel_key,
    shipped.shipment_id,
    shipped.parcel_id,
    min(shipped.order_id) as order_id,
    min(shipped.shipped_ts) as shipped_ts,
    min(shipped.first_received_ts) as first_received_ts,
    min(lines.first_promise_latest_ts) as promise_latest_ts,
    case when count(lines.delivered_ts) = count(*) then max(lines.delivered_ts) end as lines_delivered_ts,
    max(lines.completed_received_ts) as lines_delivered_known_ts,
    cast(
        sum({{ money("cast(lines.net_amount * shipped.shipped_qty as double) / nullif(lines.ordered_qty, 0)") }})
        as decimal(18, 2)
    ) as net_amount,
    max(orders.customer_id) as customer_id,
    min(shipped.channel) as channel,
    min(shipped.location) as location,
    min(shipped.location_id) as location_id,
    min(shipped.region) as region,
    min(shipped.carrier_id) as carrier_id,
    {{ min_by_keys("shipped._file_digest", ["shipped.order_line_key"]) }} as _file_digest,
    {{ min_by_keys("shipped._line", ["shipped.order_line_key"]) }} as _line
from {{ ref("fct_shipment_line") }} as shipped
inner join {{ ref("fct_order") }} as orders on shipped.order_id = orders.order_id
left join {{ ref("fct_order_line") }} as lines on shipped.order_line_key = lines.order_line_key
where not shipped.is_cancelled and not orders.is_test
group by shipped.shipment_id, shipped.parcel_id
