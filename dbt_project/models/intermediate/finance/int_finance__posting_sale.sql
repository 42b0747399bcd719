-- Postings of order lines at goods issue: gross sales, discounts by who bears them, and what suppliers fund of
-- them. Each part is rounded in the order's currency, then converted at the rate of the order's day.
{{ config(materialized='view') }}
with

parts as (
    select
        issues.*,
        amounts.reporting_rate,
        amounts.missing_code,
        {%- for amount in ['net', 'discount', 'funded_discount', 'supplier_funded'] %}
        {{ cumulative_part(
            'amounts.' ~ amount ~ '_amount_local', 'issues.upto_qty', 'issues.before_qty', 'issues.priced_qty'
        ) }} as {{ amount }}_part,
        {%- endfor %}
        lines.order_id,
        lines.order_ts,
        lines.order_date,
        lines.channel,
        lines.region,
        lines.category,
        lines.supplier,
        lines.promotion,
        lines.order_type
    from {{ ref('int_finance__goods_issue') }} as issues
    inner join {{ ref('int_order__line_money') }} as amounts
        on issues.order_line_key = amounts.order_line_key
    inner join {{ ref('fct_order_line') }} as lines
        on issues.order_line_key = lines.order_line_key
    where issues.upto_qty > issues.before_qty
),

steps as (
    select 'gross_sales' as step_code
    union all
    select 'funded_discount' as step_code
    union all
    select 'unfunded_discount' as step_code
    union all
    select 'supplier_funding' as step_code
),

posted as (
    select
        parts.*,
        steps.step_code,
        case steps.step_code
            when 'gross_sales' then {{ money('(parts.net_part + parts.discount_part) * parts.reporting_rate') }}
            when 'funded_discount' then -{{ money('parts.funded_discount_part * parts.reporting_rate') }}
            when 'unfunded_discount'
                then -{{ money('(parts.discount_part - parts.funded_discount_part) * parts.reporting_rate') }}
            else {{ money('parts.supplier_funded_part * parts.reporting_rate') }}
        end as amount
    from parts
    cross join steps
)

select
    step_code || '|' || order_line_key || '|' || part_key as contribution_id,
    step_code,
    'NONE' as detail_code,
    amount,
    case when amount is null then missing_code end as missing_code,
    upto_qty - before_qty as quantity,
    issued_ts as posting_ts,
    issued_date as posting_date,
    'order_line' as item_kind_code,
    order_line_key as item_key,
    order_id,
    order_ts,
    order_date,
    sku,
    false as is_standard_cost,
    {{ posting_dimensions('posted', 'posted.location') }},
    {{ posting_evidence('posted.source_entity', 'posted') }}
from posted
where amount <> 0 or (amount is null and step_code = 'gross_sales')
