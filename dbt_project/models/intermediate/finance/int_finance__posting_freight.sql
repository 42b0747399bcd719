-- Postings of freight and other cost of shipments, spread over the shipment's lines by weight (by units where a
-- weight is not known).
{{ config(materialized='view') }}
with

posted as (
    select
        shipment_id,
        cost_type,
        cost_ts,
        cost_date,
        _file_digest,
        _line,
        received_ts,
        order_line_key,
        location_id,
        -amount as amount
    from {{ ref('int_finance__freight_share') }}
)

select
    'freight:' || posted.cost_type || '|' || posted.shipment_id || '|' || posted.order_line_key as contribution_id,
    'freight' as step_code,
    posted.cost_type as detail_code,
    posted.amount,
    case when posted.amount is null then 'no_rate' end as missing_code,
    cast(0 as bigint) as quantity,
    posted.cost_ts as posting_ts,
    posted.cost_date as posting_date,
    'order_line' as item_kind_code,
    posted.order_line_key as item_key,
    lines.order_id,
    lines.order_ts,
    lines.order_date,
    lines.sku,
    false as is_standard_cost,
    {{ posting_dimensions('lines', mapped_dim('posted.location_id', 'locations.location_id')) }},
    {{ posting_evidence("'shipment_cost'", 'posted') }}
from posted
inner join {{ ref('fct_order_line') }} as lines
    on posted.order_line_key = lines.order_line_key
left join {{ ref('dim_location') }} as locations
    on posted.location_id = locations.location_id
where not lines.is_test and (posted.amount is null or posted.amount <> 0)
