-- Postings of goods that come back: when received, their handling, and their cost out of the cost of goods sold;
-- what is scrapped later is written down by its cost.
{{ config(materialized='view') }}
with

events as (
    select
        events.event_id,
        events.event_type,
        events.event_ts,
        {{ reporting_date('events.event_ts') }} as event_date,
        events.quantity,
        coalesce(events.disposition_code, 'NONE') as disposition_code,
        coalesce(events.location_id, returns.return_location_id) as location_id,
        returns.sku,
        sales.order_line_key,
        sales.transaction_line_key,
        sales.return_key,
        returns.order_id,
        sales.sale_ts,
        sales.sale_date,
        sales.channel,
        sales.region,
        sales.order_type,
        sales.promotion,
        events._file_digest,
        events._line,
        events.received_ts
    from {{ ref('stg_wms__return_event') }} as events
    inner join {{ ref('stg_oms__return_line') }} as returns
        on
            events.return_id = returns.return_id
            and events.line_no = returns.line_no
    inner join {{ ref('int_returns__sale') }} as sales
        on
            events.return_id = sales.return_id
            and events.line_no = sales.line_no
    where events.event_type in ('received', 'disposed')
),

placed as (
    select
        events.*,
        locations.location_type,
        {{ mapped_dim('events.location_id', 'locations.location_id') }} as location,
        coalesce(products.category, 'UNKNOWN') as category,
        coalesce(products.supplier, 'UNKNOWN') as supplier
    from events
    left join {{ ref('dim_location') }} as locations
        on events.location_id = locations.location_id
    left join {{ ref('dim_product') }} as products
        on events.sku = products.sku
),

valued as (
    select
        placed.*,
        {{ money('placed.quantity * costs.unit_cost_amount') }} as cost_amount,
        coalesce(costs.is_standard_cost, false) as is_standard_cost
    from placed
    left join {{ ref('dim_item_cost') }} as costs
        on
            placed.sku = costs.sku
            and placed.event_date >= costs.valid_from_date
            and placed.event_date < costs.valid_to_date
    where placed.event_type = 'received' or placed.disposition_code = 'scrap'
),

posted as (
    select
        valued.*,
        case when valued.event_type = 'received' then 'cogs' else 'return_writedown' end as step_code,
        case when valued.event_type = 'received' then valued.cost_amount else -valued.cost_amount end as amount
    from valued

    union all

    select
        valued.*,
        'return_handling' as step_code,
        -{{ money('valued.quantity * rates.unit_amount') }} as amount
    from valued
    inner join {{ ref('int_finance__handling_rate') }} as rates
        on
            valued.location_type = rates.location_type
            and valued.event_date >= rates.valid_from_date
            and valued.event_date < rates.valid_to_date
            and rates.cost_type = 'return_handling'
    where valued.event_type = 'received'
)

select
    step_code || '|' || event_id as contribution_id,
    step_code,
    disposition_code as detail_code,
    amount,
    case when amount is null then 'no_cost' end as missing_code,
    quantity,
    event_ts as posting_ts,
    event_date as posting_date,
    case
        when order_line_key is not null then 'order_line'
        when transaction_line_key is not null then 'store_sale'
        else 'channel'
    end as item_kind_code,
    coalesce(order_line_key, transaction_line_key, return_key) as item_key,
    order_id,
    sale_ts as order_ts,
    sale_date as order_date,
    sku,
    step_code <> 'return_handling' and is_standard_cost as is_standard_cost,
    {{ posting_dimensions('posted', 'posted.location') }},
    {{ posting_evidence("'return_event'", 'posted') }}
from posted
where amount is null or amount <> 0
