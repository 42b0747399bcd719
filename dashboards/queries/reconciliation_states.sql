-- Items of the reference side by stream, month and state, with what is open.
select
    stream,
    month_start_date as month,
    sum(item_count) as items,
    sum(size_amount)::double as size_amount,
    sum(matched_amount)::double as matched_amount,
    sum(open_amount) filter (where state_code = 'overdue')::double as overdue_amount,
    sum(open_amount) filter (where state_code = 'in time')::double as running_amount,
    min(oldest_date) filter (where state_code = 'overdue') as oldest_date
from mart_reconciliation
where side_code = 'reference'
group by all
order by all
