-- Grain: one posting of the general ledger to a control account. amount adds up over postings; positive raises
-- contribution.
select
    postings.posting_id,
    postings.account_code,
    case postings.account_code
        when 'revenue' then 'gross_sales'
        when 'discount' then 'discount'
        when 'refund' then 'refund'
        when 'cogs' then 'cogs'
        when 'supplier_funding' then 'supplier_funding'
        when 'return_writedown' then 'return_writedown'
        when 'shipping_revenue' then 'shipping_revenue'
        when 'fulfilment' then 'fulfilment'
        when 'freight' then 'freight'
        when 'payment_fee' then 'payment_fee'
        when 'marketplace_fee' then 'marketplace_fee'
        when 'return_handling' then 'return_handling'
        else 'UNKNOWN'
    end as step_code,
    postings.legal_entity_id,
    postings.channel_id,
    postings.source_type,
    postings.source_id,
    postings.amount as amount_local,
    {{ money('postings.amount * rates.reporting_rate') }} as amount,
    postings.posted_ts,
    postings.posted_date,
    postings.fiscal_period,
    {{ mapped_dim('postings.channel_id', 'channels.channel_id') }} as channel,
    {{ evidence('gl_posting', 'postings') }}
from (
    select
        *,
        {{ reporting_date('posted_ts') }} as posted_date
    from {{ ref('stg_erp__gl_posting') }}
) as postings
left join {{ ref('int_finance__daily_rate') }} as rates
    on
        postings.currency_code = rates.currency_code
        and postings.posted_date = rates.rate_date
left join {{ ref('dim_channel') }} as channels
    on postings.channel_id = channels.channel_id
