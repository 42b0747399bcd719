-- Grain: one line of a till transaction. Returns carry negative quantity and amounts, so sums are net of returns
-- taken at the till; money given back is in fct_refund. Voided transactions are rows too: use is_in_scope.
with

lines as (
    select
        lines.*,
        transactions.transaction_type,
        transactions.location_id,
        transactions.currency_code,
        transactions.transaction_ts as sale_ts,
        {{ reporting_date('transactions.transaction_ts') }} as sale_date,
        lines.gross_amount - lines.discount_amount - lines.tax_amount as net_amount_local,
        coalesce(
            discounts.discount_amount_local,
            case
                when lines.discount_amount = 0 then 0
                when lines.gross_amount = lines.discount_amount then lines.discount_amount
                else {{ money('lines.discount_amount
                    * (1 - cast(lines.tax_amount as double) / (lines.gross_amount - lines.discount_amount))') }}
            end
        ) as discount_amount_local
    from {{ ref('stg_pos__pos_transaction_line') }} as lines
    inner join {{ ref('stg_pos__pos_transaction') }} as transactions
        on lines.transaction_id = transactions.transaction_id
    left join {{ ref('int_sales__line_discount') }} as discounts
        on
            lines.transaction_id = discounts.transaction_id
            and lines.line_no = discounts.transaction_line_no
)

select
    {{ line_key('lines.transaction_id', 'lines.line_no') }} as transaction_line_key,
    lines.transaction_id,
    lines.line_no,
    lines.transaction_type,
    lines.location_id,
    lines.sku,
    lines.sale_ts,
    lines.sale_date,
    lines.quantity,
    {{ money('lines.net_amount_local * rates.reporting_rate') }} as net_amount,
    cast(
        {{ money('lines.net_amount_local * rates.reporting_rate') }}
        + {{ money('lines.discount_amount_local * rates.reporting_rate') }} as decimal(18, 2)
    ) as gross_amount,
    {{ money('lines.discount_amount_local * rates.reporting_rate') }} as discount_amount,
    {{ money('lines.tax_amount * rates.reporting_rate') }} as tax_amount,
    coalesce(products.is_goods, true) as is_goods,
    lines.transaction_type <> 'void' and coalesce(products.product_type <> 'gift_card', true) as is_in_scope,
    costs.unit_cost_amount,
    coalesce(costs.is_standard_cost, false) as is_standard_cost,
    rates.reporting_rate,
    {{ mapped_dim('channels.channel_id', 'channels.channel_id') }} as channel,
    {{ mapped_dim('lines.location_id', 'locations.location_id') }} as location,
    coalesce(locations.region, 'UNKNOWN') as region,
    coalesce(products.category, 'UNKNOWN') as category,
    coalesce(products.supplier, 'UNKNOWN') as supplier,
    {{ mapped_dim('lines.promotion_id', 'promotions.promotion_id') }} as promotion,
    'store_sale' as order_type,
    {{ evidence('pos_transaction_line', 'lines') }}
from lines
cross join {{ ref('int_sales__store_channel') }} as channels
left join {{ ref('int_finance__daily_rate') }} as rates
    on
        lines.currency_code = rates.currency_code
        and lines.sale_date = rates.rate_date
left join {{ ref('dim_product') }} as products
    on lines.sku = products.sku
left join {{ ref('dim_item_cost') }} as costs
    on
        lines.sku = costs.sku
        and lines.sale_date >= costs.valid_from_date
        and lines.sale_date < costs.valid_to_date
left join {{ ref('dim_location') }} as locations
    on lines.location_id = locations.location_id
left join {{ ref('dim_promotion') }} as promotions
    on lines.promotion_id = promotions.promotion_id
