-- Grain: one row a product. The list holds one cost for all times; it stands from the first day of the sales.
select
    _file_digest,
    _line,
    ProductKey as sku,
    date '2016-01-01' as valid_from,
    coalesce(
        cast(try_cast(replace(replace(trim("Unit Cost USD"), '$', ''), ',', '') as decimal(18, 4)) as varchar),
        "Unit Cost USD"
    ) as standard_cost_amount,
    'USD' as currency_code,
    timestamp '2016-01-01 00:00:00' as updated_ts
from {{ products }}
