-- Grain: one row, the only warehouse. No table names it: it is where all purchase orders arrive and all orders are picked.
select
    arg_min(_file_digest, _line) as _file_digest,
    min(_line) as _line,
    'WWI' as location_id,
    'Wide World Importers warehouse' as location_name,
    'dc' as location_type,
    'US' as region_code,
    'US' as country_code,
    'America/Los_Angeles' as time_zone,
    'WWI' as legal_entity_id,
    'erp' as stock_system_code,
    cast(min(OrderDate) as date) as opened_date,
    timezone('America/Los_Angeles', min(OrderDate)) at time zone 'UTC' as updated_ts
from {{ purchase_orders }}
having count(*) > 0
