-- One row a statement and order line (or order, for what has no line) on it: what was paid by kind, and until when
-- its sale and refund lines were posted. Reserves and adjustments are timing, not payment.
select
    settlement_id,
    external_order_key,
    order_line_no,
    max(channel_id) as channel_id,
    max(order_id) as order_id,
    max(order_line_key) as order_line_key,
    max(posted_ts) filter (where line_type <> 'refund') as sale_posted_ts,
    max(posted_ts) filter (where line_type = 'refund') as refund_posted_ts,
    cast(sum(amount_local) as decimal(18, 2)) as actual_amount_local,
    cast(sum(amount) as decimal(18, 2)) as actual_amount,
    min(line_no) as first_line_no
from {{ ref('int_finance__settled_part') }}
where is_matched and is_order_line_type and line_type not in ('reserve_held', 'reserve_released', 'adjustment')
group by settlement_id, external_order_key, order_line_no
