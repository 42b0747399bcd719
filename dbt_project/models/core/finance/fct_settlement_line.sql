-- Grain: one line of a marketplace statement, signed from our view. Amounts add up to the payout. Amounts of orders
-- take the rate of the order's day, others that of their posting.
with

lines as (
    select
        lines.*,
        settlements.channel_id,
        {{ reporting_date('lines.posted_ts') }} as posted_date,
        orders.order_id
    from {{ ref('stg_marketplace__settlement_line') }} as lines
    inner join {{ ref('stg_marketplace__settlement') }} as settlements
        on lines.settlement_id = settlements.settlement_id
    left join {{ ref('int_finance__marketplace_order') }} as orders
        on
            settlements.channel_id = orders.channel_id
            and lines.external_order_key = orders.external_order_key
)

select
    lines.settlement_id,
    lines.line_no,
    lines.external_order_key,
    lines.order_line_no,
    lines.order_id,
    order_lines.order_line_key,
    lines.external_order_key is not null as is_order_line_type,
    lines.order_id is not null
    and (lines.order_line_no is null or order_lines.order_line_key is not null) as is_matched,
    lines.line_type,
    lines.fee_type,
    lines.amount as amount_local,
    {{ money('lines.amount * rates.reporting_rate') }} as amount,
    lines.posted_ts,
    lines.channel_id,
    {{ mapped_dim('lines.channel_id', 'channels.channel_id') }} as channel,
    coalesce(order_lines.region, orders.region, 'NONE') as region,
    coalesce(order_lines.category, 'NONE') as category,
    {{ evidence('settlement_line', 'lines') }}
from lines
left join {{ ref('fct_order') }} as orders
    on lines.order_id = orders.order_id
left join {{ ref('fct_order_line') }} as order_lines
    on
        lines.order_id = order_lines.order_id
        and lines.order_line_no = order_lines.line_no
left join {{ ref('dim_channel') }} as channels
    on lines.channel_id = channels.channel_id
left join {{ ref('int_finance__daily_rate') }} as rates
    on
        lines.currency_code = rates.currency_code
        and coalesce(orders.order_date, lines.posted_date) = rates.rate_date
