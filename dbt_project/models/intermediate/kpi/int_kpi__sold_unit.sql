-- One row a sale line of which units reached the customer: order lines delivered or collected, and store sales
-- (denominator of K60). A line stands on the day of its last hand-over, also while other units are still open, or where
-- all that reached the customer was a substitute of a line that was cancelled.
with sales as (
    select
        lines.order_line_key as sale_key,
        coalesce(lines.completed_ts, units.final_ts) as sold_ts,
        lines.fulfilled_qty as quantity,
        {{ kpi_unit_exclusion() }} as exclusion_reason,
        lines.channel,
        lines.region,
        lines.category,
        lines.supplier,
        lines.order_type,
        lines.source_entity,
        lines._file_digest,
        lines._line
    from {{ ref('fct_order_line') }} as lines
    left join {{ ref('int_order__line_out') }} as units on lines.order_line_key = units.order_line_key
    where lines.fulfilled_qty > 0
    union all
    select
        transaction_line_key as sale_key,
        sale_ts as sold_ts,
        quantity,
        case when not is_goods then 'out:not_goods' end as exclusion_reason,
        channel,
        region,
        category,
        supplier,
        order_type,
        source_entity,
        _file_digest,
        _line
    from {{ ref('fct_store_sale_line') }}
    where is_in_scope and transaction_type = 'sale' and quantity > 0
)

select
    sales.sale_key,
    sales.sold_ts,
    sales.quantity,
    {{ reporting_date('sales.sold_ts') }} as sold_date,
    coalesce(
        sales.exclusion_reason, case when not evidence.has_return_line then 'no_data:no_returns' end
    ) as exclusion_reason,
    {{ add_seconds('sales.sold_ts', 30 * 86400) }} <= {{ as_of() }} as is_mature,
    sales.channel,
    sales.region,
    sales.category,
    sales.supplier,
    sales.order_type,
    'NONE' as reason,
    sales.source_entity,
    sales._file_digest,
    sales._line
from sales
cross join {{ ref('int_kpi__evidence') }} as evidence
where sales.sold_ts is not null
