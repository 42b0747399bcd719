-- Grain: one item sold at a location in a channel on a day, gross of returns and less what was cancelled. Units add up.
select
    location_id,
    sku,
    sale_date,
    channel,
    {{ whole('sum(quantity)') }} as quantity,
    max(location) as location,
    max(region) as region,
    max(category) as category,
    max(supplier) as supplier,
    {{ min_by_keys('source_entity', ['sale_key']) }} as source_entity,
    {{ min_by_keys('_file_digest', ['sale_key']) }} as _file_digest,
    {{ min_by_keys('_line', ['sale_key']) }} as _line
from {{ ref('int_kpi__unit_sale') }}
group by location_id, sku, sale_date, channel
