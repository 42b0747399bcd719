-- One row a location and item: safety stock and presentation minimum in force on the day of the build's instant.
select
    location_id,
    sku,
    {{ max_by_keys('safety_stock_qty', ['valid_from']) }} as safety_stock_qty,
    {{ max_by_keys('presentation_min_qty', ['valid_from']) }} as presentation_min_qty
from {{ ref('stg_erp__safety_stock_policy') }}
where valid_from <= {{ reporting_date(as_of()) }}
group by location_id, sku
