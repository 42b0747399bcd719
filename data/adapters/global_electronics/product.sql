-- Grain: one row a product. Prices are text such as '$1,599.90 '; one that is no number keeps its text and is refused. Downloaded
-- games are goods here: they are sold and delivered with a date like everything else. The file has no date of change: the first
-- day of the sales stands for it.
select
    _file_digest,
    _line,
    ProductKey as sku,
    "Product Name" as product_name,
    Brand as brand_name,
    Category as category_code,
    Category as category_name,
    'goods' as product_type,
    'EA' as base_uom_code,
    'standard' as tax_category_code,
    coalesce(
        cast(try_cast(replace(replace(trim("Unit Price USD"), '$', ''), ',', '') as decimal(18, 2)) as varchar),
        "Unit Price USD"
    ) as list_price_amount,
    'USD' as currency_code,
    false as is_kit,
    'active' as status_code,
    timestamp '2016-01-01 00:00:00' as updated_ts
from {{ products }}
