-- One row a part of a marketplace order line that was handed over and kind of fee: what the schedule charges on it,
-- in the order's currency, positive. They add up to the fee of int_finance__expected_part.
{{ config(materialized='view') }}

select
    parts.order_line_key || '|' || parts.part_key as event_key,
    parts.order_id,
    fees.fee_type,
    cast({{ scheduled_fee('parts', 'fees') }} as decimal(18, 2)) as fee_amount_local
from {{ ref('int_finance__expected_part') }} as parts
inner join {{ ref('int_finance__scheduled_fee') }} as fees
    on
        parts.channel_id = fees.channel_id
        and parts.category = fees.category
        and parts.issued_date >= fees.valid_from_date
        and parts.issued_date < fees.valid_to_date
