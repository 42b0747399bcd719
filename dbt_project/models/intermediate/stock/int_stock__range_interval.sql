-- One row a location, item and interval in which the item is ranged there, both days included; intervals of a pair
-- do not overlap.
select
    location_id,
    sku,
    valid_from,
    least(
        coalesce(valid_to, cast('9999-12-31' as date)),
        coalesce(
            {{ add_days('lead(valid_from) over (partition by location_id, sku order by valid_from)', -1) }},
            cast('9999-12-31' as date)
        )
    ) as valid_to,
    _file_digest,
    _line
from {{ ref('stg_erp__assortment') }}
