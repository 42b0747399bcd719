-- Postings of till sales: gross sales, discounts by who bears them, what suppliers fund of them, and the cost of
-- the goods. Returns at the till post nothing here; their refund does. Voided transactions and gift cards are out.
{{ config(materialized='view') }}
with

sales as (
    select
        lines.*,
        coalesce(discounts.funded_discount_amount_local, 0) as funded_discount_amount_local,
        coalesce(discounts.supplier_funded_amount_local, 0) as supplier_funded_amount_local
    from {{ ref('fct_store_sale_line') }} as lines
    left join {{ ref('int_sales__line_discount') }} as discounts
        on
            lines.transaction_id = discounts.transaction_id
            and lines.line_no = discounts.transaction_line_no
    where lines.is_in_scope and lines.transaction_type = 'sale'
),

steps as (
    select 'gross_sales' as step_code
    union all
    select 'funded_discount' as step_code
    union all
    select 'unfunded_discount' as step_code
    union all
    select 'supplier_funding' as step_code
    union all
    select 'cogs' as step_code
),

posted as (
    select
        sales.*,
        steps.step_code,
        case steps.step_code
            when 'gross_sales' then sales.gross_amount
            when 'funded_discount' then -{{ money('sales.funded_discount_amount_local * sales.reporting_rate') }}
            when 'unfunded_discount'
                then -(sales.discount_amount - {{ money('sales.funded_discount_amount_local * sales.reporting_rate') }})
            when 'supplier_funding' then {{ money('sales.supplier_funded_amount_local * sales.reporting_rate') }}
            else -{{ money('sales.quantity * sales.unit_cost_amount') }}
        end as amount
    from sales
    cross join steps
)

select
    step_code || '|' || transaction_line_key as contribution_id,
    step_code,
    'NONE' as detail_code,
    cast(amount as decimal(18, 2)) as amount,
    case when amount is null then case when step_code = 'cogs' then 'no_cost' else 'no_rate' end end as missing_code,
    quantity,
    sale_ts as posting_ts,
    sale_date as posting_date,
    'store_sale' as item_kind_code,
    transaction_line_key as item_key,
    cast(null as string) as order_id,
    sale_ts as order_ts,
    sale_date as order_date,
    sku,
    step_code = 'cogs' and is_standard_cost as is_standard_cost,
    {{ posting_dimensions('posted', 'posted.location') }},
    {{ posting_evidence("'pos_transaction_line'", 'posted') }}
from posted
where amount <> 0 or (amount is null and step_code in ('gross_sales', 'cogs'))
