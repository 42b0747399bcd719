-- Rows refused by their contract and not replayed yet, by feed, rule and column.
select
    feed_id,
    entity,
    rule_code,
    column_name,
    count(*) as refused,
    count(distinct file_digest) as files,
    max(received_ts) as last_received_ts
from rejected_row
where replayed_ts is null
group by all
order by refused desc, entity, rule_code, column_name
