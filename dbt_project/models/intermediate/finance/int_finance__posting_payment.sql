-- Postings of payment fees of captures, and of chargebacks net of the order's tax, spread over the order's lines by
-- value.
{{ config(materialized='view') }}
with

paid as (
    select
        payments.payment_id,
        payments.order_id,
        payments.payment_type,
        payments.event_ts,
        {{ reporting_date('payments.event_ts') }} as event_date,
        coalesce(payments.tender_type, 'NONE') as tender_type,
        case
            when payments.payment_type = 'capture' then payments.fee_amount
            else
                coalesce(payments.fee_amount, 0)
                + {{ money('payments.amount * cast(orders.total_amount - orders.tax_amount as double)
                    / nullif(orders.total_amount, 0)') }}
        end as cost_amount_local,
        payments.currency_code,
        {{ reporting_date('orders.order_ts') }} as order_date,
        payments._file_digest,
        payments._line,
        payments.received_ts
    from {{ ref('stg_oms__payment') }} as payments
    inner join {{ ref('stg_oms__sales_order') }} as orders
        on payments.order_id = orders.order_id
    where
        payments.status_code = 'succeeded'
        and not orders.is_test
        and (payments.payment_type = 'chargeback' or (payments.payment_type = 'capture' and payments.fee_amount <> 0))
),

posted as (
    select
        paid.*,
        weights.order_line_key,
        -{{ cumulative_part(
            money('paid.cost_amount_local * rates.reporting_rate'),
            'weights.weight_upto', 'weights.weight_before', 'weights.order_weight'
        ) }} as amount
    from paid
    inner join {{ ref('int_order__value_weight') }} as weights
        on paid.order_id = weights.order_id
    left join {{ ref('int_finance__daily_rate') }} as rates
        on
            paid.currency_code = rates.currency_code
            and paid.order_date = rates.rate_date
)

select
    'payment_fee|' || posted.payment_id || '|' || posted.order_line_key as contribution_id,
    'payment_fee' as step_code,
    case when posted.payment_type = 'chargeback' then 'chargeback' else posted.tender_type end as detail_code,
    posted.amount,
    case when posted.amount is null then 'no_rate' end as missing_code,
    cast(0 as bigint) as quantity,
    posted.event_ts as posting_ts,
    posted.event_date as posting_date,
    'order_line' as item_kind_code,
    posted.order_line_key as item_key,
    lines.order_id,
    lines.order_ts,
    lines.order_date,
    lines.sku,
    false as is_standard_cost,
    {{ posting_dimensions('lines', 'lines.location') }},
    {{ posting_evidence("'payment'", 'posted') }}
from posted
inner join {{ ref('fct_order_line') }} as lines
    on posted.order_line_key = lines.order_line_key
where posted.amount is null or posted.amount <> 0
