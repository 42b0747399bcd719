-- A returned row is a kind of order whose orders or lines in mart_order_summary are not those of the core facts.
with

summed as (
    select
        case when order_type = 'store_sale' then 'till' else 'order' end as kind_code,
        cast(sum(order_count) as bigint) as order_count,
        cast(sum(line_count) as bigint) as line_count
    from {{ ref('mart_order_summary') }}
    group by 1
),

facts as (
    select
        'order' as kind_code,
        count(distinct lines.order_id) as order_count,
        count(*) filter (where not lines.is_kit_component) as line_count
    from {{ ref('fct_order_line') }} as lines
    inner join {{ ref('fct_order') }} as orders
        on lines.order_id = orders.order_id
    where not orders.is_test

    union all

    select
        'till' as kind_code,
        count(distinct transaction_id) as order_count,
        count(*) as line_count
    from {{ ref('fct_store_sale_line') }}
    where transaction_type = 'sale'
)

select
    facts.kind_code,
    facts.order_count,
    facts.line_count,
    summed.order_count as summed_order_count,
    summed.line_count as summed_line_count
from facts
left join summed
    on facts.kind_code = summed.kind_code
where
    facts.line_count <> coalesce(summed.line_count, 0)
    or facts.order_count > coalesce(summed.order_count, 0)
