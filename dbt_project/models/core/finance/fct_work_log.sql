-- Grain: one item in a stretch of work. Handling seconds are those of the stretch, shared evenly by the items that a
-- person claimed together, and add up.
with claims as (
    select
        *,
        {{ seconds_between('started_ts', 'ended_ts') }} as claim_seconds,
        count(*) over (partition by actor_id, started_ts, ended_ts) as claim_items,
        row_number() over (partition by actor_id, started_ts, ended_ts order by work_id) as claim_item_no
    from {{ ref('stg_tower__work_log') }}
)

select
    claims.work_id,
    claims.stream_code,
    claims.item_id,
    claims.order_id,
    claims.actor_id,
    claims.started_ts,
    claims.ended_ts,
    {{ cumulative_part(
        'claims.claim_seconds', 'claims.claim_item_no', 'claims.claim_item_no - 1', 'claims.claim_items'
    ) }} as handling_seconds,
    case when claims.order_id is null then 'NONE' else coalesce(orders.channel, 'UNKNOWN') end as channel,
    case when claims.order_id is null then 'NONE' else coalesce(orders.order_type, 'UNKNOWN') end as order_type,
    {{ evidence('work_log', 'claims') }}
from claims
left join {{ ref('fct_order') }} as orders
    on claims.order_id = orders.order_id
