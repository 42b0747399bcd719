-- One row a legal entity and month end that its ledger tells: what is tied up, and cost of goods and net sales of
-- the 365 days up to it, annualised where fewer are told (K79). Receivables hold card and marketplace money that is
-- not paid out yet.
{{ config(materialized='view') }}

with balances as (
    select *
    from {{ ref('fct_gl_balance') }}
),

month_ends as (
    select
        legal_entity_id,
        balance_date,
        max(region) as region,
        sum(case when account_code = 'inventory' then closing_amount else 0 end) as inventory_amount,
        sum(case when account_code in ('receivable', 'marketplace_receivable') then closing_amount else 0 end)
            as receivable_amount,
        sum(case when account_code = 'marketplace_receivable' then closing_amount else 0 end)
            as marketplace_receivable_amount,
        sum(case when account_code = 'payable' then closing_amount else 0 end) as payable_amount,
        count(closing_amount) = count(*) as has_rate,
        min(_file_digest) as _file_digest,
        {{ min_by_keys('_line', ['_file_digest', '_line']) }} as _line
    from balances
    where extract(day from {{ add_days('balance_date', 1) }}) = 1
    group by legal_entity_id, balance_date
),

flows as (
    select
        month_ends.legal_entity_id,
        month_ends.balance_date,
        count(distinct balances.balance_date) as day_count,
        sum(case when balances.account_code = 'cogs' then balances.closing_amount else 0 end) as cost_amount,
        sum(case when balances.account_code = 'net_sales' then balances.closing_amount else 0 end) as sales_amount
    from month_ends
    inner join balances
        on
            month_ends.legal_entity_id = balances.legal_entity_id
            and balances.account_code in ('cogs', 'net_sales')
            and month_ends.balance_date >= balances.balance_date
            and month_ends.balance_date < {{ add_days('balances.balance_date', 365) }}
    group by month_ends.legal_entity_id, month_ends.balance_date
),

annual as (
    select
        month_ends.*,
        flows.day_count,
        {{ money('cast(flows.cost_amount as double) * 365 / nullif(flows.day_count, 0)') }} as cost_amount,
        {{ money('cast(flows.sales_amount as double) * 365 / nullif(flows.day_count, 0)') }} as sales_amount
    from month_ends
    left join flows
        on
            month_ends.legal_entity_id = flows.legal_entity_id
            and month_ends.balance_date = flows.balance_date
)

select
    legal_entity_id || '|' || cast(balance_date as string) as month_key,
    balance_date,
    case
        when not has_rate then 'no_data:no_rate'
        when coalesce(day_count, 0) < 28 then 'no_data:short_history'
        when sales_amount <= 0 then 'no_data:no_sales'
    end as exclusion_reason,
    cast(inventory_amount as decimal(18, 2)) as inventory_amount,
    cast(receivable_amount as decimal(18, 2)) as receivable_amount,
    cast(marketplace_receivable_amount as decimal(18, 2)) as marketplace_receivable_amount,
    cast(payable_amount as decimal(18, 2)) as payable_amount,
    cost_amount,
    sales_amount,
    {{ money('cast(receivable_amount as double) * cost_amount / nullif(sales_amount, 0)') }}
        as receivable_at_cost_amount,
    region,
    'gl_balance' as source_entity,
    _file_digest,
    _line
from annual
