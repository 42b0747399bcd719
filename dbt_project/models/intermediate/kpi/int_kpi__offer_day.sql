-- One row a listed item of a channel, day and reason why its hours do not count (K28): sums over the full hours of the
-- day of what the channel showed against what it could have sold.
with

listings as (
    select
        channel_id,
        sku,
        {{ max_by_keys('source_entity', ['from_hour', '_file_digest', '_line']) }} as source_entity,
        {{ max_by_keys('_file_digest', ['from_hour', '_file_digest', '_line']) }} as _file_digest,
        {{ max_by_keys('_line', ['from_hour', '_file_digest', '_line']) }} as _line
    from {{ ref('int_kpi__listing_span') }}
    group by channel_id, sku
),

known as (
    select distinct sku
    from {{ ref('fct_available_to_sell') }}
),

judged as (
    select
        spans.*,
        case
            when not spans.is_shown then 'no_data:no_publication'
            when known.sku is null then 'no_data:no_stock'
            when not spans.is_known then 'no_data:not_known_then'
        end as exclusion_reason
    from {{ ref('int_kpi__offer_span') }} as spans
    left join known
        on spans.sku = known.sku
),

days as (
    select
        channel_id,
        sku,
        date_day,
        exclusion_reason,
        {{ whole('sum(hour_count)') }} as hour_count,
        {{ whole('sum(hour_count * abs(published_qty - recomputed_qty))') }} as difference_qty,
        {{ whole('sum(hour_count * greatest(recomputed_qty, 1))') }} as recomputed_qty,
        {{ whole('sum(case when published_qty > 0 then hour_count else 0 end)') }} as published_hours,
        {{ whole('sum(case when published_qty > 0 and recomputed_qty = 0 then hour_count else 0 end)') }}
            as false_available_hours,
        {{ whole('sum(case when recomputed_qty > 0 then hour_count else 0 end)') }} as available_hours,
        {{ whole('sum(case when published_qty <= 0 and recomputed_qty > 0 then hour_count else 0 end)') }} as hidden_hours
    from judged
    group by channel_id, sku, date_day, exclusion_reason
)

select
    days.channel_id || '|' || days.sku || '|' || cast(days.date_day as string)
    || coalesce('|' || days.exclusion_reason, '') as item_key,
    days.channel_id,
    days.sku,
    days.date_day,
    days.hour_count,
    days.difference_qty,
    days.recomputed_qty,
    days.published_hours,
    days.false_available_hours,
    days.available_hours,
    days.hidden_hours,
    days.exclusion_reason,
    {{ mapped_dim('days.channel_id', 'channels.channel_id') }} as channel,
    coalesce(products.category, 'UNKNOWN') as category,
    listings.source_entity,
    listings._file_digest,
    listings._line
from days
inner join listings
    on
        days.channel_id = listings.channel_id
        and days.sku = listings.sku
left join {{ ref('dim_channel') }} as channels
    on days.channel_id = channels.channel_id
left join {{ ref('dim_product') }} as products
    on days.sku = products.sku
