-- Grain: one row a store. Store 0 is the web shop, a channel and no place. The sales have days without a time, so every store's day
-- is a day in UTC: a date stays that date everywhere. Two letters arrive as double-encoded UTF-8 and are mended.
select
    _file_digest,
    _line,
    StoreKey as location_id,
    concat(Country, ' ', replace(replace(State, 'Ã©', 'é'), 'Ã¼', 'ü')) as location_name,
    'store' as location_type,
    case Country
        when 'Australia' then 'AU'
        when 'Canada' then 'CA'
        when 'France' then 'FR'
        when 'Germany' then 'DE'
        when 'Italy' then 'IT'
        when 'Netherlands' then 'NL'
        when 'United Kingdom' then 'GB'
        when 'United States' then 'US'
        else Country
    end as country_code,
    country_code as region_code,
    'UTC' as time_zone,
    concat('GE-', country_code) as legal_entity_id,
    'pos' as stock_system_code,
    coalesce(
        cast(cast(try_strptime("Open Date", ['%m/%d/%Y', '%m-%d-%Y']) as date) as varchar),
        "Open Date"
    ) as opened_date,
    timestamp '2016-01-01 00:00:00' as updated_ts
from {{ stores }}
where StoreKey <> '0'
