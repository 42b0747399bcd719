-- One row a return line with the days, units and durations of the return KPIs (K60, K62). cohort_qty is what counts
-- in the cohort of its sale: initiated within 30 days of a sale whose 30 days are over, and together never more units
-- than were sold.
with returns as (
    select
        lines.*,
        coalesce(lines.order_line_key, lines.transaction_line_key) as sale_key,
        case when not products.is_goods then 'out:not_goods' end as exclusion_reason
    from {{ ref('fct_return_line') }} as lines
    left join {{ ref('dim_product') }} as products on lines.sku = products.sku
),

cohort as (
    select
        returns.return_key,
        returns.quantity,
        sales.quantity as sold_qty,
        sales.sold_date,
        sum(returns.quantity) over (
            partition by returns.sale_key order by returns.initiated_ts, returns.return_key
            rows between unbounded preceding and current row
        ) as returned_upto_qty
    from returns
    inner join {{ ref('int_kpi__sold_unit') }} as sales
        on returns.sale_key = sales.sale_key and sales.is_mature and sales.exclusion_reason is null
    where
        not returns.is_withdrawn
        and returns.initiated_ts <= {{ add_seconds('sales.sold_ts', 30 * 86400) }}
        and returns.exclusion_reason is null
)

select
    returns.return_key,
    least(cohort.returned_upto_qty, cohort.sold_qty)
    - least(cohort.returned_upto_qty - cohort.quantity, cohort.sold_qty) as cohort_qty,
    returns.received_qty,
    returns.exclusion_reason,
    returns.is_accepted,
    returns.is_refund_without_return,
    returns.refund_settled_ts is null
    and not returns.is_withdrawn
    and returns.status_code != 'refused'
    and coalesce(returns.inspection_result_code, '') != 'refused' as is_open,
    cohort.sold_date,
    {{ reporting_date('returns.goods_received_ts') }} as goods_received_date,
    {{ reporting_date('returns.refund_settled_ts') }} as refund_settled_date,
    {{ reporting_date('returns.credit_memo_posted_ts') }} as credit_memo_posted_date,
    {{ seconds_between('returns.initiated_ts', 'returns.refund_settled_ts') }} as settlement_seconds,
    {{ seconds_between('returns.goods_received_ts', 'returns.credit_memo_posted_ts') }} as credit_memo_seconds,
    returns.initiated_ts,
    returns.channel,
    returns.location,
    returns.region,
    returns.category,
    returns.supplier,
    returns.order_type,
    returns.reason,
    returns.source_entity,
    returns._file_digest,
    returns._line
from returns
left join cohort on returns.return_key = cohort.return_key
