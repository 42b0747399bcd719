-- Grain: one payment transaction. Authorisations, captures, voids and chargebacks must not be summed together.
-- amount includes tax.
select
    payments.payment_id,
    payments.order_id,
    payments.payment_type,
    payments.tender_type,
    payments.status_code,
    payments.event_ts,
    payments.amount as amount_local,
    {{ money('payments.amount * rates.reporting_rate') }} as amount,
    {{ money('payments.fee_amount * rates.reporting_rate') }} as fee_amount,
    coalesce(orders.channel, 'UNKNOWN') as channel,
    coalesce(orders.region, 'UNKNOWN') as region,
    coalesce(orders.order_type, 'UNKNOWN') as order_type,
    {{ evidence('payment', 'payments') }}
from (
    select
        *,
        {{ reporting_date('event_ts') }} as event_date
    from {{ ref('stg_oms__payment') }}
) as payments
left join {{ ref('fct_order') }} as orders
    on payments.order_id = orders.order_id
left join {{ ref('int_finance__daily_rate') }} as rates
    on
        payments.currency_code = rates.currency_code
        and coalesce(orders.order_date, payments.event_date) = rates.rate_date
