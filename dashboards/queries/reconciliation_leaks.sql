-- What is open and overdue in a stream, on either side, by cause; the largest first.
select
    side_code,
    cause_code,
    cause_detail_code,
    method_code,
    sum(item_count) as items,
    sum(open_amount)::double as open_amount,
    min(oldest_date) as oldest_date
from mart_reconciliation
where stream = $stream and state_code = 'overdue'
group by all
order by open_amount desc
