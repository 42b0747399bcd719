-- Grain: one component of the landed cost of a receipt line, standard and actual, at the rate of the receipt's day.
-- Amounts add up over components and lines.
with receipts as (
    select
        *,
        {{ reporting_date('receipt_ts') }} as receipt_date
    from {{ ref('fct_receipt_line') }}
)

select
    costs.receipt_id,
    costs.line_no,
    receipts.po_line_key,
    costs.component_code,
    {{ money('costs.standard_amount * rates.reporting_rate') }} as standard_amount,
    {{ money('costs.actual_amount * rates.reporting_rate') }} as actual_amount,
    rates.reporting_rate,
    costs.posted_ts,
    receipts.receipt_date,
    {{ evidence('landed_cost', 'costs') }}
from {{ ref('stg_erp__landed_cost') }} as costs
inner join receipts
    on
        costs.receipt_id = receipts.receipt_id
        and costs.line_no = receipts.line_no
left join {{ ref('int_finance__daily_rate') }} as rates
    on
        costs.currency_code = rates.currency_code
        and receipts.receipt_date = rates.rate_date
