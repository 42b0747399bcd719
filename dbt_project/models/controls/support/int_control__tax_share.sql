-- Grain: one channel and tax category, with the tax on what was sold as a share of the amount without it: what a price
-- that includes tax loses to it on the channel's mix of countries. Sales of which nobody told the tax do not count.
{{ config(contract={"enforced": false}) }}

with sales as (

    select
        channel,
        sku,
        net_amount,
        tax_amount
    from {{ ref("fct_order_line") }}
    where is_in_scope and net_amount > 0 and tax_amount is not null
    union all
    select
        channel,
        sku,
        net_amount,
        tax_amount
    from {{ ref("fct_store_sale_line") }}
    where is_in_scope and transaction_type = 'sale' and net_amount > 0 and tax_amount is not null

)

select
    sales.channel,
    products.tax_category_code,
    {{ decimal_of("cast(sum(sales.tax_amount) as double) / cast(sum(sales.net_amount) as double)", 18, 6) }}
        as tax_share
from sales
inner join {{ ref("dim_product") }} as products on sales.sku = products.sku
where products.tax_category_code is not null
group by sales.channel, products.tax_category_code
