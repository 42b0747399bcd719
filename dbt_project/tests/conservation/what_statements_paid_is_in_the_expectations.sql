-- A returned row is a statement whose payments for orders are not all in the expectations, to the minor unit.
with

paid as (
    select
        settlement_id,
        sum(amount_local) as paid_amount
    from {{ ref('fct_settlement_line') }}
    where is_matched and is_order_line_type and line_type not in ('reserve_held', 'reserve_released', 'adjustment')
    group by settlement_id
),

held as (
    select
        settlement_id,
        sum(actual_amount_local) as held_amount
    from {{ ref('fct_settlement_expectation') }}
    where settlement_id is not null
    group by settlement_id
)

select
    paid.settlement_id,
    paid.paid_amount,
    held.held_amount
from paid
full outer join held
    on paid.settlement_id = held.settlement_id
where coalesce(paid.paid_amount, 0) <> coalesce(held.held_amount, 0)
