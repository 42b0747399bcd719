-- Postings of the payment fees of till transactions, spread over the transaction's lines by value.
{{ config(materialized='view') }}
with

fees as (
    select
        transaction_id,
        sum(fee_amount) as fee_amount_local
    from {{ ref('stg_pos__pos_tender') }}
    where fee_amount <> 0
    group by transaction_id
),

weights as (
    select
        *,
        case
            when sum(abs(coalesce(net_amount, 0))) over (partition by transaction_id) > 0
                then abs(coalesce(net_amount, 0))
            else abs(quantity)
        end as line_weight
    from {{ ref('fct_store_sale_line') }}
    where transaction_type <> 'void'
),

cumulative as (
    select
        *,
        sum(line_weight) over upto_line as weight_upto,
        sum(line_weight) over all_lines as transaction_weight
    from weights
    window
        upto_line as (partition by transaction_id order by line_no rows unbounded preceding),
        all_lines as (
            partition by transaction_id order by line_no rows between unbounded preceding and unbounded following
        )
),

posted as (
    select
        cumulative.*,
        -{{ cumulative_part(
            money('fees.fee_amount_local * cumulative.reporting_rate'),
            'cumulative.weight_upto', 'cumulative.weight_upto - cumulative.line_weight', 'cumulative.transaction_weight'
        ) }} as amount
    from cumulative
    inner join fees
        on cumulative.transaction_id = fees.transaction_id
)

select
    'payment_fee|' || transaction_line_key as contribution_id,
    'payment_fee' as step_code,
    'NONE' as detail_code,
    amount,
    case when amount is null then 'no_rate' end as missing_code,
    cast(0 as bigint) as quantity,
    sale_ts as posting_ts,
    sale_date as posting_date,
    'store_sale' as item_kind_code,
    transaction_line_key as item_key,
    cast(null as string) as order_id,
    sale_ts as order_ts,
    sale_date as order_date,
    sku,
    false as is_standard_cost,
    {{ posting_dimensions('posted', 'posted.location') }},
    {{ posting_evidence("'pos_transaction_line'", 'posted') }}
from posted
where amount is null or amount <> 0
