-- Every feed of the contracts and whether anything of it ever landed.
select
    feed_contract.feed_id,
    string_agg(distinct feed_contract.entity, ', ' order by feed_contract.entity) as entities,
    count(landing_file.file_digest) > 0 as has_landed
from feed_contract
left join landing_file
    on feed_contract.entity = landing_file.entity
    and landing_file.status_code = 'landed'
group by feed_contract.feed_id
order by feed_contract.feed_id
