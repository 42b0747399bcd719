-- Grain: items of one side of a stream by month, how they were matched and what is open for which cause. Amounts add
-- up over the items of one side of a stream, never over sides or streams.
select
    stream,
    side_code,
    cast(date_trunc('month', transaction_date) as date) as month_start_date,
    method_code,
    case
        when is_cleared then 'cleared'
        when due_date < {{ reporting_date(as_of()) }} then 'overdue'
        else 'in time'
    end as state_code,
    coalesce(cause_code, 'NONE') as cause_code,
    coalesce(cause_detail_code, 'NONE') as cause_detail_code,
    count(*) as item_count,
    cast(sum(size_amount) as decimal(28, 2)) as size_amount,
    cast(sum(matched_amount) as decimal(28, 2)) as matched_amount,
    cast(sum(open_amount) as decimal(28, 2)) as open_amount,
    min(transaction_date) as oldest_date
from {{ ref('fct_reconciliation_item') }}
group by
    stream,
    side_code,
    cast(date_trunc('month', transaction_date) as date),
    method_code,
    case
        when is_cleared then 'cleared'
        when due_date < {{ reporting_date(as_of()) }} then 'overdue'
        else 'in time'
    end,
    coalesce(cause_code, 'NONE'),
    coalesce(cause_detail_code, 'NONE')
