-- A returned row is a stream whose periods do not add up to its items: of the reference side whole, of the other
-- what is open.
with periods as (
    select
        stream,
        sum(asked_amount) as asked_amount,
        sum(open_amount) as open_amount
    from {{ ref('mart_reconciliation_period') }}
    group by stream
),

items as (
    select
        stream,
        sum(coalesce(case when side_code = 'reference' then size_amount else open_amount end, 0)) as asked_amount,
        sum(coalesce(open_amount, 0)) as open_amount
    from {{ ref('fct_reconciliation_item') }}
    group by stream
)

select
    items.stream,
    items.asked_amount,
    periods.asked_amount as period_asked_amount
from items
left join periods
    on items.stream = periods.stream
where
    items.asked_amount <> coalesce(periods.asked_amount, 0)
    or items.open_amount <> coalesce(periods.open_amount, 0)
