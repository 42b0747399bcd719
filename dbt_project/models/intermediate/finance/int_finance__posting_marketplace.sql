-- Postings of fees of marketplaces as they posted them. A fee of a whole order is spread over its lines by value; a
-- fee without an order, such as storage, belongs to the channel.
{{ config(materialized='view') }}
with

fees as (
    select
        *,
        case when order_line_key is null then order_id end as spread_order_id,
        {{ reporting_date('posted_ts') }} as posted_date
    from {{ ref('fct_settlement_line') }}
    where line_type = 'fee'
),

posted as (
    select
        fees.*,
        coalesce(fees.order_line_key, weights.order_line_key) as item_line_key,
        case
            when weights.order_line_key is not null
                then {{ cumulative_part(
                    'fees.amount', 'weights.weight_upto', 'weights.weight_before', 'weights.order_weight'
                ) }}
            else fees.amount
        end as posted_amount
    from fees
    left join {{ ref('int_order__value_weight') }} as weights
        on fees.spread_order_id = weights.order_id
)

select
    'marketplace_fee|' || posted.settlement_id || '|' || cast(posted.line_no as string) || '|'
    || coalesce(posted.item_line_key, '') as contribution_id,
    'marketplace_fee' as step_code,
    coalesce(posted.fee_type, 'UNKNOWN') as detail_code,
    posted.posted_amount as amount,
    case when posted.posted_amount is null then 'no_rate' end as missing_code,
    cast(0 as bigint) as quantity,
    posted.posted_ts as posting_ts,
    posted.posted_date as posting_date,
    case when posted.item_line_key is null then 'channel' else 'order_line' end as item_kind_code,
    coalesce(posted.item_line_key, posted.settlement_id || '|' || cast(posted.line_no as string)) as item_key,
    posted.order_id,
    lines.order_ts,
    lines.order_date,
    lines.sku,
    false as is_standard_cost,
    posted.channel,
    {{ dim('lines.location') }} as location,
    {{ dim('lines.region') }} as region,
    {{ dim('lines.category') }} as category,
    {{ dim('lines.supplier') }} as supplier,
    {{ dim('lines.promotion') }} as promotion,
    {{ dim('lines.order_type') }} as order_type,
    {{ posting_evidence("'settlement_line'", 'posted') }}
from posted
left join {{ ref('fct_order_line') }} as lines
    on posted.item_line_key = lines.order_line_key
where posted.posted_amount is null or posted.posted_amount <> 0
