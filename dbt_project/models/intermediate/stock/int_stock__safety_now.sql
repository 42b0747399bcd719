-- One row a location and item: safety stock and presentation minimum in force on the day of the build's instant.
select
    location_id,
    sku,
    safety_stock_qty,
    presentation_min_qty
from {{ ref('int_stock__safety_policy') }}
where valid_from <= {{ reporting_date(as_of()) }} and valid_to > {{ reporting_date(as_of()) }}
