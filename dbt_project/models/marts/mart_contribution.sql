-- Grain: one item in a channel on a day of posting: every step of the contribution. Amounts add up over items,
-- channels and days; the sums (net sales, gross margin, contribution) are sums of the steps before them and must
-- not be added to those.
{%- set steps = [
    'gross_sales', 'funded_discount', 'unfunded_discount', 'refund', 'cogs', 'supplier_funding', 'return_writedown',
    'shipping_revenue', 'fulfilment', 'freight', 'payment_fee', 'marketplace_fee', 'return_handling'
] %}
select
    posting_date,
    channel,
    coalesce(sku, 'NONE') as sku,
    category,
    {{ whole("sum(case when step_code = 'gross_sales' then quantity else 0 end)") }} as sold_qty,
    {%- for step in steps %}
    cast(sum(case when step_code = '{{ step }}' then coalesce(amount, 0) else 0 end) as decimal(18, 2))
        as {{ step }}_amount,
    {%- endfor %}
    cast(sum(case when is_net_sales then coalesce(amount, 0) else 0 end) as decimal(18, 2)) as net_sales_amount,
    cast(sum(case when is_gross_margin then coalesce(amount, 0) else 0 end) as decimal(18, 2)) as gross_margin_amount,
    cast(sum(coalesce(amount, 0)) as decimal(18, 2)) as contribution_amount,
    {{ whole('count(*) filter (where amount is null)') }} as missing_count
from {{ ref('fct_contribution') }}
group by posting_date, channel, coalesce(sku, 'NONE'), category
