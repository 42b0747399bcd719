-- One row a location of the network.
select
    location_id,
    location_name,
    location_type,
    region_code as region,
    country_code,
    time_zone,
    legal_entity_id,
    stock_system_code,
    opens_local,
    closes_local,
    open_weekdays,
    opened_date,
    closed_date,
    received_ts
from {{ ref('stg_erp__location') }}
