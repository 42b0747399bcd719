-- Grain: one refund. amount is ex tax and adds up over live refunds (is_live); gross_amount is the same money with
-- its tax. The rate is that of the sale's day.
select
    refunds.refund_id,
    refunds.order_id,
    refunds.order_line_key,
    refunds.transaction_line_key,
    refunds.return_key,
    refunds.refund_type,
    {{ money('(refunds.amount - refunds.tax_amount) * refunds.reporting_rate') }} as amount,
    {{ money('refunds.amount * refunds.reporting_rate') }} as gross_amount,
    refunds.refund_ts,
    refunds.settled_ts,
    refunds.reclaimed_ts,
    refunds.status_code,
    refunds.status_code in ('issued', 'settled') as is_live,
    refunds.channel,
    refunds.location,
    refunds.region,
    refunds.category,
    refunds.order_type,
    {{ evidence('refund', 'refunds') }}
from {{ ref('int_returns__refund') }} as refunds
