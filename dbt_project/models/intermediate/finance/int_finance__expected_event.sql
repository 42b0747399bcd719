-- One row an amount that a marketplace owes or takes back, with the statement on which it is due: the first that
-- posted sale (or refund) lines of the order line at or after the event; null where there is none yet.
with

orders as (
    select
        orders.order_id,
        orders.external_order_key,
        orders.channel_id,
        max(shares.order_shipping_amount_local) as shipping_amount_local,
        max(orders.shipping_amount_local) as charged_shipping_amount_local,
        min(parts.issued_ts) as issued_ts,
        min(parts.issued_date) as issued_date
    from {{ ref('fct_order') }} as orders
    inner join {{ ref('int_finance__expected_part') }} as parts
        on orders.order_id = parts.order_id
    inner join {{ ref('int_order__shipping_share') }} as shares
        on parts.order_line_key = shares.order_line_key
    group by orders.order_id, orders.external_order_key, orders.channel_id
),

remitters as (
    select
        order_id,
        bool_or(remitter_code = 'retailer') as is_remitted_by_us
    from {{ ref('stg_oms__tax_line') }}
    group by order_id
),

events as (
    select
        order_line_key || '|' || part_key as event_key,
        'sale' as kind_code,
        order_id,
        line_no,
        external_order_key,
        channel_id,
        issued_ts as event_ts,
        issued_date as event_date,
        principal_amount_local,
        cast(0 as decimal(18, 2)) as shipping_amount_local,
        tax_amount_local,
        discount_amount_local,
        cast(0 as decimal(18, 2)) as refund_amount_local,
        fee_amount_local
    from {{ ref('int_finance__expected_part') }}

    union all

    select
        orders.order_id || '|shipping' as event_key,
        'sale' as kind_code,
        orders.order_id,
        cast(null as bigint) as line_no,
        orders.external_order_key,
        orders.channel_id,
        orders.issued_ts as event_ts,
        orders.issued_date as event_date,
        cast(0 as decimal(18, 2)) as principal_amount_local,
        orders.shipping_amount_local,
        cast(
            case
                when coalesce(remitters.is_remitted_by_us, false)
                    then orders.charged_shipping_amount_local - orders.shipping_amount_local
                else 0
            end as decimal(18, 2)
        ) as tax_amount_local,
        cast(0 as decimal(18, 2)) as discount_amount_local,
        cast(0 as decimal(18, 2)) as refund_amount_local,
        cast(0 as decimal(18, 2)) as fee_amount_local
    from orders
    left join remitters
        on orders.order_id = remitters.order_id
    where orders.shipping_amount_local <> 0

    union all

    select
        refunds.refund_id || '|refund' as event_key,
        'refund' as kind_code,
        coalesce(refunds.order_id, lines.order_id) as order_id,
        coalesce(lines.line_no, refunds.order_line_no) as line_no,
        orders.external_order_key,
        orders.channel_id,
        refunds.refund_ts as event_ts,
        refunds.refund_date as event_date,
        cast(0 as decimal(18, 2)) as principal_amount_local,
        cast(0 as decimal(18, 2)) as shipping_amount_local,
        cast(0 as decimal(18, 2)) as tax_amount_local,
        cast(0 as decimal(18, 2)) as discount_amount_local,
        cast(
            case when coalesce(remitters.is_remitted_by_us, false) then 0 else refunds.tax_amount end - refunds.amount
            as decimal(18, 2)
        ) as refund_amount_local,
        cast(0 as decimal(18, 2)) as fee_amount_local
    from {{ ref('int_returns__refund') }} as refunds
    left join {{ ref('fct_order_line') }} as lines
        on refunds.order_line_key = lines.order_line_key
    inner join {{ ref('fct_order') }} as orders
        on
            coalesce(refunds.order_id, lines.order_id) = orders.order_id
            and orders.is_marketplace
    left join remitters
        on orders.order_id = remitters.order_id
    where refunds.status_code in ('issued', 'settled')
),

candidates as (
    select
        events.event_key,
        settled.settlement_id,
        row_number() over (
            partition by events.event_key
            order by
                case when events.kind_code = 'refund' then settled.refund_posted_ts else settled.sale_posted_ts end,
                settled.settlement_id
        ) as choice
    from events
    inner join {{ ref('int_finance__settled_group') }} as settled
        on
            events.channel_id = settled.channel_id
            and events.external_order_key = settled.external_order_key
            and coalesce(events.line_no, -1) = coalesce(settled.order_line_no, -1)
            and events.event_ts
            <= case when events.kind_code = 'refund' then settled.refund_posted_ts else settled.sale_posted_ts end
)

select
    events.*,
    candidates.settlement_id
from events
left join candidates
    on
        events.event_key = candidates.event_key
        and candidates.choice = 1
