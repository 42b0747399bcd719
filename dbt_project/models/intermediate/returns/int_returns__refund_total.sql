-- One row a return line with refunds: when money went back, and how much. Settled is the last refund, once all that
-- live are settled.
select
    return_key,
    min(refund_ts) filter (where status_code <> 'failed') as first_refund_ts,
    min(first_received_ts) filter (where status_code <> 'failed') as first_refund_known_ts,
    max(refund_ts) filter (where is_live) as last_refund_ts,
    case
        when count(settled_ts) filter (where is_live) = count(*) filter (where is_live)
            then max(settled_ts) filter (where is_live)
    end as refund_settled_ts,
    max(reclaimed_ts) as refund_reclaimed_ts,
    case when count(amount) = count(*) then cast(sum(case when is_live then amount else 0 end) as decimal(18, 2)) end
        as refund_amount,
    case
        when count(gross_amount) = count(*)
            then cast(sum(case when is_live then gross_amount else 0 end) as decimal(18, 2))
    end as refund_gross_amount,
    {{ whole('count(*) filter (where is_live)') }} as refund_count
from {{ ref('fct_refund') }}
where return_key is not null
group by return_key
