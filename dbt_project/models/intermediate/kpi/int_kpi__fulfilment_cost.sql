-- One row an order line in a shipment, or made ready in a store: its units, what picking, packing or the logistics
-- provider cost for them, and its share of the freight (K25). Drop-ship nodes cost nothing to us but the freight.
with

freight as (
    select
        shipment_id,
        order_line_key,
        case when count(amount) = count(*) then sum(amount) end as freight_amount
    from {{ ref('int_finance__freight_share') }}
    group by shipment_id, order_line_key
),

parts as (
    select
        shipped.shipment_id || '|' || shipped.order_line_key as part_key,
        shipped.order_line_key,
        shipped.location_id,
        min(shipped.location) as location,
        sum(shipped.shipped_qty) as quantity,
        min(shipped.shipped_ts) as left_ts,
        min(shipped.carrier) as carrier,
        freight.freight_amount,
        min(shipped.source_entity) as source_entity,
        {{ min_by_keys('shipped._file_digest', ['shipped.parcel_id']) }} as _file_digest,
        {{ min_by_keys('shipped._line', ['shipped.parcel_id']) }} as _line
    from {{ ref('fct_shipment_line') }} as shipped
    left join freight
        on
            shipped.shipment_id = freight.shipment_id
            and shipped.order_line_key = freight.order_line_key
    where not shipped.is_cancelled
    group by shipped.shipment_id, shipped.order_line_key, shipped.location_id, freight.freight_amount
    union all
    select
        'pickup|' || order_line_key || '|' || location_id as part_key,
        order_line_key,
        location_id,
        location,
        ready_qty as quantity,
        ready_ts as left_ts,
        'NONE' as carrier,
        cast(0 as decimal(18, 2)) as freight_amount,
        source_entity,
        _file_digest,
        _line
    from {{ ref('fct_pickup_line') }}
    where ready_ts is not null and ready_qty > 0
),

placed as (
    select
        parts.*,
        locations.location_type,
        {{ reporting_date('parts.left_ts') }} as left_date
    from parts
    left join {{ ref('dim_location') }} as locations on parts.location_id = locations.location_id
),

handled as (
    select
        placed.part_key,
        sum(rates.unit_amount) as unit_amount,
        count(rates.unit_amount) as rate_count
    from placed
    inner join {{ ref('int_finance__handling_rate') }} as rates
        on
            placed.location_type = rates.location_type
            and placed.left_date >= rates.valid_from_date
            and placed.left_date < rates.valid_to_date
    where
        (placed.location_type in ('store', 'dc') and rates.cost_type in ('pick', 'pack'))
        or (placed.location_type = '3pl' and rates.cost_type = '3pl')
    group by placed.part_key
)

select
    placed.part_key,
    lines.order_id,
    coalesce(
        case when not lines.is_goods then 'out:not_goods' when lines.is_test then 'out:test' end,
        case
            when placed.freight_amount is null then 'no_data:no_freight'
            when
                coalesce(placed.location_type, 'unknown') <> 'dropship'
                and coalesce(handled.rate_count, 0) < case placed.location_type when '3pl' then 1 else 2 end
                then 'no_data:no_rate'
        end
    ) as exclusion_reason,
    placed.left_date,
    placed.quantity,
    {{ money('placed.quantity * coalesce(handled.unit_amount, 0)') }} + placed.freight_amount as cost_amount,
    placed.location,
    lines.region,
    placed.carrier,
    lines.order_type,
    placed.source_entity,
    placed._file_digest,
    placed._line
from placed
inner join {{ ref('fct_order_line') }} as lines on placed.order_line_key = lines.order_line_key
left join handled on placed.part_key = handled.part_key
