-- Postings of the shipping that orders charge, whole at the order's first goods issue, spread over its lines by value.
{{ config(materialized='view') }}
with

first_issues as (
    select
        lines.order_id,
        min(issues.issued_ts) as issued_ts,
        min(issues.issued_date) as issued_date
    from {{ ref('int_finance__goods_issue') }} as issues
    inner join {{ ref('fct_order_line') }} as lines
        on issues.order_line_key = lines.order_line_key
    where not issues.is_replacement
    group by lines.order_id
)

select
    'shipping_revenue|' || lines.order_line_key as contribution_id,
    'shipping_revenue' as step_code,
    'NONE' as detail_code,
    shares.shipping_amount as amount,
    case when shares.shipping_amount is null then 'no_tax' end as missing_code,
    cast(0 as bigint) as quantity,
    first_issues.issued_ts as posting_ts,
    first_issues.issued_date as posting_date,
    'order_line' as item_kind_code,
    lines.order_line_key as item_key,
    lines.order_id,
    lines.order_ts,
    lines.order_date,
    lines.sku,
    false as is_standard_cost,
    {{ posting_dimensions('lines', 'lines.location') }},
    {{ posting_evidence("'sales_order_line'", 'lines') }}
from first_issues
inner join {{ ref('fct_order_line') }} as lines
    on first_issues.order_id = lines.order_id
inner join {{ ref('int_order__shipping_share') }} as shares
    on lines.order_line_key = shares.order_line_key
where shares.has_shipping and (shares.shipping_amount is null or shares.shipping_amount <> 0)
