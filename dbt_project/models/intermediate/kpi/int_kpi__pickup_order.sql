-- One row a pickup order that was made ready: until when it was held, and whether all of it was collected (K23).
{{ config(materialized='view') }}

with pickups as (
    select
        order_id,
        max(hold_until_ts) as hold_until_ts,
        sum(requested_qty) as requested_qty,
        sum(collected_qty) as collected_qty,
        {{ max_by_keys('location', ['hold_until_ts', 'location']) }} as location
    from {{ ref('fct_pickup_line') }}
    where ready_ts is not null and hold_until_ts is not null
    group by order_id
)

select
    orders.order_id,
    coalesce(
        {{ kpi_order_exclusion() }},
        case
            when orders.cancelled_ts < pickups.hold_until_ts and pickups.collected_qty = 0 then 'out:cancelled_before'
        end
    ) as exclusion_reason,
    pickups.hold_until_ts,
    {{ reporting_date('pickups.hold_until_ts') }} as hold_until_date,
    pickups.collected_qty < pickups.requested_qty as is_uncollected,
    orders.channel,
    pickups.location,
    orders.region,
    orders.source_entity,
    orders._file_digest,
    orders._line
from {{ ref('fct_order') }} as orders
inner join pickups on orders.order_id = pickups.order_id
