-- One row a sale line that reached the customer: order lines delivered or collected, and store sales (denominator of
-- K60).
{{ config(materialized='view') }}

with sales as (
    select
        order_line_key as sale_key,
        completed_ts as sold_ts,
        fulfilled_qty as quantity,
        {{ kpi_unit_exclusion() }} as exclusion_reason,
        channel,
        region,
        category,
        supplier,
        order_type,
        source_entity,
        _file_digest,
        _line
    from {{ ref('fct_order_line') }}
    where completed_ts is not null and fulfilled_qty > 0
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
