-- Postings of refunds ex tax when issued, and of what was reclaimed when it was. A refund of a whole order is
-- spread over its lines by value. Failed refunds are none.
{{ config(materialized='view') }}
with

refunds as (
    select
        *,
        amount - tax_amount as net_amount_local,
        case when order_line_key is null and transaction_line_key is null then order_id end as spread_order_id
    from {{ ref('int_returns__refund') }}
    where status_code <> 'failed'
),

moves as (
    select
        refunds.*,
        'issued' as move_code,
        -refunds.net_amount_local as signed_amount_local,
        refunds.refund_ts as move_ts,
        refunds.first_received_ts as move_known_ts
    from refunds

    union all

    select
        refunds.*,
        'reclaimed' as move_code,
        refunds.net_amount_local as signed_amount_local,
        refunds.reclaimed_ts as move_ts,
        refunds.received_ts as move_known_ts
    from refunds
    where refunds.status_code = 'reclaimed' and refunds.reclaimed_ts is not null
),

posted as (
    select
        moves.*,
        coalesce(moves.order_line_key, weights.order_line_key) as order_item_key,
        case
            when weights.order_line_key is not null
                then
                    {{ cumulative_part(
                        money('moves.signed_amount_local * moves.reporting_rate'),
                        'weights.weight_upto', 'weights.weight_before', 'weights.order_weight'
                    ) }}
            else {{ money('moves.signed_amount_local * moves.reporting_rate') }}
        end as posted_amount
    from moves
    left join {{ ref('int_order__value_weight') }} as weights
        on moves.spread_order_id = weights.order_id
)

select
    'refund:' || move_code || '|' || refund_id || '|' || coalesce(order_item_key, '') as contribution_id,
    'refund' as step_code,
    refund_type as detail_code,
    posted_amount as amount,
    case when posted_amount is null then 'no_rate' end as missing_code,
    cast(0 as bigint) as quantity,
    move_ts as posting_ts,
    {{ reporting_date('move_ts') }} as posting_date,
    case
        when order_item_key is not null then 'order_line'
        when transaction_line_key is not null then 'store_sale'
        else 'channel'
    end as item_kind_code,
    coalesce(order_item_key, transaction_line_key, refund_id) as item_key,
    order_id,
    sale_ts as order_ts,
    sale_date as order_date,
    sku,
    false as is_standard_cost,
    {{ posting_dimensions('posted', 'posted.location') }},
    {{ posting_evidence("'refund'", 'posted', known='move_known_ts') }}
from posted
where posted_amount is null or posted_amount <> 0
