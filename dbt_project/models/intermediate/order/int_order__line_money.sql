-- One row an order line: its money ex tax. Order prices that include tax are split by the tax lines, else by the
-- line's own tax; without either the amount is null, not guessed. Discounts ex tax are the allocations where given.
with

lines as (
    select * from {{ ref('int_order__line_scope') }}
),

tax_lines as (
    select
        {{ line_key('order_id', 'line_no') }} as order_line_key,
        sum(tax_amount) as tax_amount
    from {{ ref('stg_oms__tax_line') }}
    group by order_id, line_no
),

discounts as (
    select
        {{ line_key('order_id', 'line_no') }} as order_line_key,
        sum(amount) as discount_amount,
        sum(amount) filter (where funding_code <> 'retailer') as funded_amount,
        sum(amount) filter (where funding_code = 'supplier') as supplier_funded_amount,
        sum(amount) filter (where funding_code = 'marketplace') as marketplace_funded_amount
    from {{ ref('stg_oms__discount_allocation') }}
    where order_id is not null and line_no is not null
    group by order_id, line_no
),

net as (
    select
        lines.order_line_key,
        lines.order_id,
        lines.line_no,
        lines.sku,
        lines.order_date,
        lines.ordered_qty,
        lines.currency_code,
        lines.prices_include_tax,
        rates.reporting_rate,
        coalesce(tax_lines.tax_amount, lines.tax_amount) as tax_amount_local,
        lines.tax_amount as line_tax_amount_local,
        lines.gross_amount - lines.discount_amount
        - case when lines.prices_include_tax then coalesce(tax_lines.tax_amount, lines.tax_amount) else 0 end
            as net_amount_local,
        coalesce(
            discounts.discount_amount,
            case
                when lines.discount_amount = 0 then 0
                when not lines.prices_include_tax or lines.gross_amount = lines.discount_amount
                    then lines.discount_amount
                else
                    {{ money('lines.discount_amount * (
                        1 - cast(coalesce(tax_lines.tax_amount, lines.tax_amount) as double)
                        / (lines.gross_amount - lines.discount_amount)
                    )') }}
            end
        ) as discount_amount_local,
        coalesce(discounts.funded_amount, 0) as funded_discount_amount_local,
        coalesce(discounts.supplier_funded_amount, 0) as supplier_funded_amount_local,
        coalesce(discounts.marketplace_funded_amount, 0) as marketplace_funded_amount_local
    from lines
    left join tax_lines
        on lines.order_line_key = tax_lines.order_line_key
    left join discounts
        on lines.order_line_key = discounts.order_line_key
    left join {{ ref('int_finance__daily_rate') }} as rates
        on
            lines.currency_code = rates.currency_code
            and lines.order_date = rates.rate_date
),

converted as (
    select
        *,
        {{ money('net_amount_local * reporting_rate') }} as net_amount,
        {{ money('discount_amount_local * reporting_rate') }} as discount_amount,
        {{ money('tax_amount_local * reporting_rate') }} as tax_amount
    from net
)

select
    converted.order_line_key,
    converted.order_id,
    converted.line_no,
    converted.ordered_qty,
    converted.currency_code,
    converted.prices_include_tax,
    converted.reporting_rate,
    cast(converted.net_amount_local as decimal(18, 2)) as net_amount_local,
    cast(converted.tax_amount_local as decimal(18, 2)) as tax_amount_local,
    converted.line_tax_amount_local,
    cast(converted.discount_amount_local as decimal(18, 2)) as discount_amount_local,
    cast(converted.funded_discount_amount_local as decimal(18, 2)) as funded_discount_amount_local,
    cast(converted.supplier_funded_amount_local as decimal(18, 2)) as supplier_funded_amount_local,
    cast(converted.marketplace_funded_amount_local as decimal(18, 2)) as marketplace_funded_amount_local,
    converted.net_amount,
    converted.discount_amount,
    cast(converted.net_amount + converted.discount_amount as decimal(18, 2)) as gross_amount,
    converted.tax_amount,
    costs.unit_cost_amount,
    costs.is_standard_cost,
    case
        when converted.net_amount_local is null or converted.discount_amount_local is null then 'no_tax'
        when converted.reporting_rate is null then 'no_rate'
    end as missing_code
from converted
left join {{ ref('dim_item_cost') }} as costs
    on
        converted.sku = costs.sku
        and converted.order_date >= costs.valid_from_date
        and converted.order_date < costs.valid_to_date
