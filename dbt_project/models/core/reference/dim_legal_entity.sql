-- One row a legal entity that has a location. Its region is that of all its locations, else its country, else
-- UNKNOWN. The main entity, to which everything belongs that no store sold, is the one with the most places that are
-- no stores.
with counted as (
    select
        legal_entity_id,
        case
            when min(region) = max(region) then min(region)
            when min(country_code) = max(country_code) then min(country_code)
            else 'UNKNOWN'
        end as region,
        count(*) as location_count,
        count(*) filter (where location_type <> 'store') as other_count,
        max(received_ts) as received_ts
    from {{ ref('dim_location') }}
    where legal_entity_id is not null
    group by legal_entity_id
)

select
    legal_entity_id,
    region,
    row_number() over (order by other_count desc, location_count desc, legal_entity_id) = 1 as is_main,
    received_ts
from counted
