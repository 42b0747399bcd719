-- A returned row is a version of a business object that no message, or more than one, stands for.
select
    interface_id,
    business_key,
    business_version,
    count(*) filter (where is_representative) as representative_count
from {{ ref('fct_message') }}
group by interface_id, business_key, business_version
having count(*) filter (where is_representative) <> 1
