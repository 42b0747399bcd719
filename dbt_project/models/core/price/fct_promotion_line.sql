-- Grain: one item of a promotion in a channel (or one location of it). A line of a promotion is approved when the
-- promotion was. Planned units and margin add up over lines.
select
    concat_ws('|', lines.promotion_id, lines.sku, lines.channel_id, lines.location_id) as promotion_line_key,
    lines.promotion_id,
    lines.sku,
    lines.channel_id,
    lines.location_id,
    lines.promotion_price_amount as promotion_price_amount_local,
    lines.discount_share,
    lines.currency_code,
    lines.planned_qty,
    {{ money('lines.planned_margin_amount * rates.reporting_rate') }} as planned_margin_amount,
    lines.funding_share,
    lines.starts_ts,
    lines.ends_ts,
    lines.status_code,
    lines.approved_ts,
    {{ mapped_dim('lines.channel_id', 'channels.channel_id') }} as channel,
    {{ mapped_dim('lines.own_location_id', 'locations.location_id') }} as location,
    case when lines.own_location_id is null then 'NONE' else coalesce(locations.region, 'UNKNOWN') end as region,
    coalesce(products.category, 'UNKNOWN') as category,
    lines.promotion_id as promotion,
    {{ evidence('promotion_line', 'lines') }}
from (
    select
        lines.*,
        case when lines.location_id <> '*' then lines.location_id end as own_location_id,
        promotions.starts_ts,
        promotions.ends_ts,
        promotions.status_code,
        promotions.approved_ts,
        {{ reporting_date('promotions.starts_ts') }} as start_date
    from {{ ref('stg_erp__promotion_line') }} as lines
    inner join {{ ref('dim_promotion') }} as promotions
        on lines.promotion_id = promotions.promotion_id
) as lines
left join {{ ref('dim_channel') }} as channels
    on lines.channel_id = channels.channel_id
left join {{ ref('dim_location') }} as locations
    on lines.own_location_id = locations.location_id
left join {{ ref('dim_product') }} as products
    on lines.sku = products.sku
left join {{ ref('int_finance__daily_rate') }} as rates
    on
        lines.currency_code = rates.currency_code
        and lines.start_date = rates.rate_date
