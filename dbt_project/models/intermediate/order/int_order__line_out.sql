-- One row an order line of which units left or were made ready. `done` is what a promise asks for: delivered, or
-- ready for pickup; `final` is delivered or collected. A kit counts by its scarcest component where the components,
-- not the kit, were handed over.
with

by_line as (
    select
        order_line_key,
        {{ whole('sum(out_qty)') }} as out_qty,
        {{ whole('sum(done_qty)') }} as done_qty,
        {{ whole('sum(final_qty)') }} as final_qty,
        max(packed_ts) as packed_ts,
        max(shipped_ts) as shipped_ts,
        min(shipped_ts) as first_shipped_ts,
        case when count(notice_ts) = count(*) then max(notice_ts) end as notice_ts,
        bool_and(coalesce(notice_ts <= done_ts, false)) as is_noticed,
        max(done_ts) as done_ts,
        max(done_known_ts) as done_known_ts,
        max(final_ts) as final_ts,
        max(final_known_ts) as final_known_ts,
        max(hold_until_ts) as hold_until_ts,
        {{ max_by_keys(
            'location_id', ["coalesce(final_ts, done_ts, shipped_ts, cast('1900-01-01' as timestamp))", 'unit_key']
        ) }} as location_id,
        {{ max_by_keys('carrier_id', ["coalesce(shipped_ts, cast('1900-01-01' as timestamp))", 'unit_key']) }}
            as carrier_id
    from {{ ref('int_order__unit_out') }}
    group by order_line_key
),

components as (
    select
        component.kit_parent_key as order_line_key,
        kit.ordered_qty as kit_qty,
        component.ordered_qty,
        coalesce(by_line.out_qty, 0) as out_qty,
        coalesce(by_line.done_qty, 0) as done_qty,
        coalesce(by_line.final_qty, 0) as final_qty,
        by_line.packed_ts,
        by_line.shipped_ts,
        by_line.first_shipped_ts,
        by_line.notice_ts,
        by_line.is_noticed,
        by_line.done_ts,
        by_line.done_known_ts,
        by_line.final_ts,
        by_line.final_known_ts,
        by_line.hold_until_ts,
        by_line.location_id,
        by_line.carrier_id,
        component.order_line_key as component_key
    from {{ ref('int_order__line_scope') }} as component
    inner join {{ ref('int_order__line_scope') }} as kit
        on component.kit_parent_key = kit.order_line_key
    left join by_line
        on component.order_line_key = by_line.order_line_key
    where component.is_kit_component and component.ordered_qty > 0
),

kits as (
    select
        components.order_line_key,
        {{ whole('min(floor(cast(components.out_qty * components.kit_qty as double) / components.ordered_qty))') }}
            as out_qty,
        {{ whole('min(floor(cast(components.done_qty * components.kit_qty as double) / components.ordered_qty))') }}
            as done_qty,
        {{ whole('min(floor(cast(components.final_qty * components.kit_qty as double) / components.ordered_qty))') }}
            as final_qty,
        max(components.packed_ts) as packed_ts,
        max(components.shipped_ts) as shipped_ts,
        min(components.first_shipped_ts) as first_shipped_ts,
        case when count(components.notice_ts) = count(*) then max(components.notice_ts) end as notice_ts,
        bool_and(coalesce(components.is_noticed, false)) as is_noticed,
        max(components.done_ts) as done_ts,
        max(components.done_known_ts) as done_known_ts,
        max(components.final_ts) as final_ts,
        max(components.final_known_ts) as final_known_ts,
        max(components.hold_until_ts) as hold_until_ts,
        {{ max_by_keys('components.location_id', [
            "coalesce(components.done_ts, cast('1900-01-01' as timestamp))", 'components.component_key'
        ]) }} as location_id,
        {{ max_by_keys('components.carrier_id', [
            "coalesce(components.shipped_ts, cast('1900-01-01' as timestamp))", 'components.component_key'
        ]) }} as carrier_id
    from components
    left join by_line
        on components.order_line_key = by_line.order_line_key
    where by_line.order_line_key is null
    group by components.order_line_key
)

select * from by_line
union all
select * from kits
