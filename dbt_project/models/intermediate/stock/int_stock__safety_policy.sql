-- One row a location, item and first day: safety stock and presentation minimum until the day before the next one's.
select
    location_id,
    sku,
    valid_from,
    coalesce(
        lead(valid_from) over (partition by location_id, sku order by valid_from), cast('9999-12-31' as date)
    ) as valid_to,
    safety_stock_qty,
    presentation_min_qty
from {{ ref('stg_erp__safety_stock_policy') }}
