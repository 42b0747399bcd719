-- One row an order of a marketplace (K109): whether it drew negative feedback, an upheld claim or a chargeback, whether
-- we cancelled of it, and whether it was handed over by the day that the marketplace expects.
with

claims as (
    select
        external_order_key,
        channel_id,
        bool_or(claim_type in ('negative_feedback', 'chargeback') or coalesce(is_upheld, false)) as is_defect
    from {{ ref('stg_crm__marketplace_claim') }}
    group by external_order_key, channel_id
),

cancelled as (
    select distinct order_id
    from {{ ref('fct_cancellation') }}
    where initiator_code in ('retailer', 'supplier', 'system') and class_code not in ('fraud', 'payment')
)

select
    orders.order_id,
    {{ kpi_order_exclusion() }} as exclusion_reason,
    orders.order_date,
    coalesce(claims.is_defect, false) as is_defect,
    cancelled.order_id is not null as is_cancelled_by_us,
    orders.is_cancelled,
    orders.expected_ship_ts,
    coalesce(orders.expected_ship_ts, orders.order_ts) as ship_due_ts,
    coalesce(orders.shipped_ts > orders.expected_ship_ts, true) as is_shipped_late,
    orders.channel,
    orders.region,
    orders.source_entity,
    orders._file_digest,
    orders._line
from {{ ref('fct_order') }} as orders
left join claims
    on
        orders.external_order_key = claims.external_order_key
        and orders.channel_id = claims.channel_id
left join cancelled on orders.order_id = cancelled.order_id
where orders.is_marketplace
