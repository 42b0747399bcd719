-- One row an order: the four flags of the perfect order over its lines (K01). A flag that cannot be judged on one
-- line cannot be judged on the order.
with line_flags as (
    select
        order_id,
        max(first_promise_latest_ts) as due_ts,
        count(*) filter (where exclusion_reason = 'no_data:no_delivery_evidence') > 0 as is_delivery_unknown,
        case when count(in_full) = count(*) then min(in_full) end as in_full,
        case when count(on_time) = count(*) then min(on_time) end as on_time,
        case when count(docs_ok) = count(*) then min(docs_ok) end as docs_ok,
        case when count(condition_ok) = count(*) then min(condition_ok) end as condition_ok
    from {{ ref('int_kpi__perfect_line') }}
    where exclusion_reason is null or exclusion_reason like 'no_data:%'
    group by order_id
),

joined as (
    select
        orders.*,
        line_flags.in_full,
        line_flags.on_time,
        line_flags.docs_ok,
        line_flags.condition_ok,
        coalesce(line_flags.due_ts, orders.promised_latest_ts, orders.order_ts) as due_ts,
        case
            when orders.is_test then 'out:test'
            when not orders.is_in_scope then 'out:not_goods'
            when line_flags.order_id is null then 'out:cancelled_before_obligation'
            when line_flags.due_ts is null then 'no_data:no_promise'
            when line_flags.is_delivery_unknown then 'no_data:no_delivery_evidence'
        end as exclusion_reason
    from {{ ref('fct_order') }} as orders
    left join line_flags on orders.order_id = line_flags.order_id
)

select
    order_id,
    exclusion_reason,
    {{ reporting_date('due_ts') }} as due_date,
    in_full,
    on_time,
    docs_ok,
    condition_ok,
    channel,
    location,
    region,
    order_type,
    source_entity,
    _file_digest,
    _line
from joined
where due_ts <= {{ as_of() }}
