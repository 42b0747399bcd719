-- One row an order: when its last line left each stage (K05). A pickup line is packed when it is ready, and passes
-- shipping and delivery in no time; so every line leaves every stage, stages cannot overlap, and they add up to the
-- whole.
with stage_ends as (
    select
        order_id,
        released_ts,
        allocated_ts,
        picked_ts,
        fulfilment_method_code = 'pickup' as is_pickup,
        case when fulfilment_method_code = 'pickup' then ready_ts else packed_ts end as packed_ts,
        case when fulfilment_method_code = 'pickup' then ready_ts else shipped_ts end as shipped_ts,
        case when fulfilment_method_code = 'pickup' then ready_ts else delivered_ts end as delivered_ts,
        case when fulfilment_method_code = 'pickup' then collected_ts else delivered_ts end as collected_ts
    from {{ ref('fct_order_line') }}
    where is_unit_scope and ordered_qty > cancelled_qty
),

order_stages as (
    select
        order_id,
        count(*) filter (where is_pickup) > 0 as has_pickup,
        count(*) filter (where not is_pickup) > 0 as has_delivery,
        case when count(released_ts) = count(*) then max(released_ts) end as released_ts,
        case when count(allocated_ts) = count(*) then max(allocated_ts) end as allocated_ts,
        case when count(picked_ts) = count(*) then max(picked_ts) end as picked_ts,
        case when count(packed_ts) = count(*) then max(packed_ts) end as packed_ts,
        case when count(shipped_ts) = count(*) then max(shipped_ts) end as shipped_ts,
        case when count(delivered_ts) = count(*) then max(delivered_ts) end as delivered_ts,
        case when count(collected_ts) = count(*) then max(collected_ts) end as collected_ts
    from stage_ends
    group by order_id
)

select
    orders.order_id,
    {{ kpi_order_exclusion() }} as exclusion_reason,
    orders.completed_ts is not null as is_completed,
    orders.is_closed,
    {{ reporting_date('orders.completed_ts') }} as completed_date,
    coalesce(stages.has_pickup, false) as has_pickup,
    coalesce(stages.has_delivery, false) as has_delivery,
    {{ seconds_between('orders.order_ts', 'orders.completed_ts') }} as cycle_seconds,
    {{ seconds_between('orders.order_ts', 'stages.released_ts') }} as release_seconds,
    {{ seconds_between('stages.released_ts', 'stages.allocated_ts') }} as allocate_seconds,
    {{ seconds_between('stages.allocated_ts', 'stages.picked_ts') }} as pick_seconds,
    {{ seconds_between('stages.picked_ts', 'stages.packed_ts') }} as pack_seconds,
    {{ seconds_between('stages.packed_ts', 'stages.shipped_ts') }} as ship_seconds,
    {{ seconds_between('stages.shipped_ts', 'stages.delivered_ts') }} as deliver_seconds,
    {{ seconds_between('stages.delivered_ts', 'stages.collected_ts') }} as collect_seconds,
    orders.order_ts,
    case when not evidence.has_delivery then 'no_data:no_delivery_evidence' end as open_exclusion_reason,
    orders.channel,
    orders.location,
    orders.region,
    orders.order_type,
    orders.source_entity,
    orders._file_digest,
    orders._line
from {{ ref('fct_order') }} as orders
left join order_stages as stages on orders.order_id = stages.order_id
cross join {{ ref('int_kpi__evidence') }} as evidence
