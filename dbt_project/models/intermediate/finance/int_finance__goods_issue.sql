-- One row a part of an order line that was handed to the carrier or collected: its units, and the line's units up
-- to and before it in the order of the parts, so that shares of the line's money add up. The money is that of the
-- line's last version, so it is shared by that version's units (priced_qty). Units beyond them and replacements carry
-- no money. A kit whose components are handed over carries its money once, with the kit; the components carry the
-- cost. Test orders and gift cards, which are a liability, are out.
with

parts as (
    select
        order_line_key,
        shipment_id || '|' || parcel_id as part_key,
        shipment_id,
        sku,
        shipped_qty as quantity,
        shipped_ts as issued_ts,
        location_id,
        is_replacement,
        'shipment_line' as source_entity,
        _file_digest,
        _line,
        received_ts
    from {{ ref('int_order__parcel_line') }}
    where not is_cancelled

    union all

    select
        {{ line_key('order_id', 'line_no') }} as order_line_key,
        location_id as part_key,
        cast(null as string) as shipment_id,
        cast(null as string) as sku,
        coalesce(collected_qty, ready_qty) as quantity,
        collected_ts as issued_ts,
        location_id,
        false as is_replacement,
        'pickup_task' as source_entity,
        _file_digest,
        _line,
        received_ts
    from {{ ref('stg_pos__pickup_task') }}
    where collected_ts is not null

    union all

    select
        units.own_key as order_line_key,
        units.unit_key as part_key,
        cast(null as string) as shipment_id,
        cast(null as string) as sku,
        units.out_qty as quantity,
        units.shipped_ts as issued_ts,
        units.location_id,
        false as is_replacement,
        'sales_order_line' as source_entity,
        scope._file_digest,
        scope._line,
        scope.received_ts
    from {{ ref('int_order__event_out') }} as units
    inner join {{ ref('int_order__line_scope') }} as scope
        on units.own_key = scope.order_line_key
    where units.shipped_ts is not null

    union all

    select
        units.order_line_key,
        'kit' as part_key,
        cast(null as string) as shipment_id,
        cast(null as string) as sku,
        units.out_qty as quantity,
        units.shipped_ts as issued_ts,
        units.location_id,
        false as is_replacement,
        'sales_order_line' as source_entity,
        scope._file_digest,
        scope._line,
        scope.received_ts
    from {{ ref('int_order__line_out') }} as units
    inner join {{ ref('int_order__line_scope') }} as scope
        on units.order_line_key = scope.order_line_key
    where
        scope.is_kit
        and units.shipped_ts is not null
        and units.order_line_key not in (select own_key from {{ ref('int_order__unit_out') }})
),

counted as (
    select
        *,
        sum(case when is_replacement then 0 else quantity end) over (
            partition by order_line_key order by issued_ts, part_key rows unbounded preceding
        ) as units_upto
    from parts
    where quantity > 0
)

select
    counted.order_line_key,
    counted.part_key,
    counted.shipment_id,
    coalesce(counted.sku, scope.sku) as sku,
    counted.part_key = 'kit' as is_kit,
    counted.quantity,
    counted.issued_ts,
    {{ reporting_date('counted.issued_ts') }} as issued_date,
    counted.location_id,
    locations.location_type,
    {{ mapped_dim('counted.location_id', 'locations.location_id') }} as location,
    counted.is_replacement,
    {{ whole('least(counted.units_upto, scope.latest_qty)') }} as upto_qty,
    {{ whole('least(
        counted.units_upto - case when counted.is_replacement then 0 else counted.quantity end, scope.latest_qty
    )') }} as before_qty,
    scope.latest_qty as priced_qty,
    counted.source_entity,
    counted._file_digest,
    counted._line,
    counted.received_ts
from counted
inner join {{ ref('int_order__line_scope') }} as scope
    on counted.order_line_key = scope.order_line_key
left join {{ ref('dim_location') }} as locations
    on counted.location_id = locations.location_id
left join {{ ref('dim_product') }} as products
    on scope.sku = products.sku
where not scope.is_test and coalesce(products.product_type, 'goods') <> 'gift_card'
