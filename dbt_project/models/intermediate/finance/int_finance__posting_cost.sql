-- Postings of order lines at goods issue: the cost of the units, and of picking and packing them (store,
-- distribution centre) or of the logistics provider. Drop-ship nodes cost nothing to us.
{{ config(materialized='view') }}
with

issues as (
    select
        issues.*,
        lines.order_id,
        lines.order_ts,
        lines.order_date,
        lines.channel,
        lines.region,
        lines.category,
        lines.supplier,
        lines.promotion,
        lines.order_type
    from {{ ref('int_finance__goods_issue') }} as issues
    inner join {{ ref('fct_order_line') }} as lines
        on issues.order_line_key = lines.order_line_key
),

posted as (
    select
        issues.*,
        'cogs' as step_code,
        'NONE' as detail_code,
        -{{ money('issues.quantity * costs.unit_cost_amount') }} as amount,
        coalesce(costs.is_standard_cost, false) as is_standard_cost
    from issues
    left join {{ ref('dim_item_cost') }} as costs
        on
            issues.sku = costs.sku
            and issues.issued_date >= costs.valid_from_date
            and issues.issued_date < costs.valid_to_date
    where not issues.is_kit

    union all

    select
        issues.*,
        'fulfilment' as step_code,
        rates.cost_type as detail_code,
        -{{ money('issues.quantity * rates.unit_amount') }} as amount,
        false as is_standard_cost
    from issues
    inner join {{ ref('int_finance__handling_rate') }} as rates
        on
            issues.location_type = rates.location_type
            and issues.issued_date >= rates.valid_from_date
            and issues.issued_date < rates.valid_to_date
    where
        not issues.is_kit
        and (
            (issues.location_type in ('store', 'dc') and rates.cost_type in ('pick', 'pack'))
            or (issues.location_type = '3pl' and rates.cost_type = '3pl')
        )
)

select
    step_code || ':' || detail_code || '|' || order_line_key || '|' || part_key as contribution_id,
    step_code,
    detail_code,
    amount,
    case when amount is null then 'no_cost' end as missing_code,
    quantity,
    issued_ts as posting_ts,
    issued_date as posting_date,
    'order_line' as item_kind_code,
    order_line_key as item_key,
    order_id,
    order_ts,
    order_date,
    sku,
    is_standard_cost,
    {{ posting_dimensions('posted', 'posted.location') }},
    {{ posting_evidence('posted.source_entity', 'posted') }}
from posted
where amount is null or amount <> 0
