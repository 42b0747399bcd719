-- Feeds with an overdue delivery: the control that watches feeds decides, not this page.
select
    split_part(business_key, '|', 1) as feed,
    count(*) as deliveries,
    min(opened_ts) as since_ts
from fct_exception
where code = 'E65h' and status_code = 'open' and opened_ts <= $as_of
group by all
order by since_ts, feed
