-- One row an item. The list price is converted at the rate of the day on which the row was last changed.
with

products as (
    select
        *,
        {{ reporting_date('updated_ts') }} as updated_date
    from {{ ref('stg_erp__product') }}
)

select
    products.sku,
    products.product_name,
    coalesce(products.category_code, 'NONE') as category,
    products.category_name,
    products.department_name,
    products.product_type,
    products.product_type = 'goods' as is_goods,
    coalesce(products.is_kit, false) as is_kit,
    products.tax_category_code,
    products.weight_kg,
    products.supplier_id,
    {{ mapped_dim('products.supplier_id', 'suppliers.supplier_id') }} as supplier,
    {{ money('products.list_price_amount * rates.reporting_rate') }} as list_price_amount,
    products.status_code,
    products.received_ts
from products
left join {{ ref('dim_supplier') }} as suppliers
    on products.supplier_id = suppliers.supplier_id
left join {{ ref('int_finance__daily_rate') }} as rates
    on
        products.currency_code = rates.currency_code
        and products.updated_date = rates.rate_date
