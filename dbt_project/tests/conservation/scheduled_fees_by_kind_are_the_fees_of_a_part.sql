-- A returned row is a part of a marketplace order line whose scheduled fees by kind do not add up to its expected fee.
select
    parts.order_line_key,
    parts.part_key,
    max(parts.fee_amount_local) as expected_fee_amount_local,
    sum(coalesce(fees.fee_amount_local, 0)) as fee_by_kind_amount_local
from {{ ref('int_finance__expected_part') }} as parts
left join {{ ref('int_finance__expected_fee') }} as fees
    on parts.order_line_key || '|' || parts.part_key = fees.event_key
group by parts.order_line_key, parts.part_key
having max(parts.fee_amount_local) <> -sum(coalesce(fees.fee_amount_local, 0))
