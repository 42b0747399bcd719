-- One row a listed item of a channel, day and reason why its hours do not count (K28): sums over the full hours of the
-- day of what the channel showed against what it could have sold.
with

judged as (
    select
        spans.*,
        case
            when spans.published_qty is null then 'no_data:no_publication'
            when not spans.is_known then 'no_data:not_known_then'
        end as exclusion_reason
    from {{ ref('int_kpi__offer_span') }} as spans
),

days as (
    select
        item_no,
        date_day,
        exclusion_reason,
        {{ whole('sum(hour_count)') }} as hour_count,
        {{ whole('sum(hour_count * abs(published_qty - recomputed_qty))') }} as difference_qty,
        {{ whole('sum(hour_count * greatest(recomputed_qty, 1))') }} as recomputed_qty,
        {{ whole('sum(case when published_qty > 0 then hour_count else 0 end)') }} as published_hours,
        {{ whole('sum(case when published_qty > 0 and recomputed_qty = 0 then hour_count else 0 end)') }}
            as false_available_hours,
        {{ whole('sum(case when recomputed_qty > 0 then hour_count else 0 end)') }} as available_hours,
        {{ whole('sum(case when published_qty <= 0 and recomputed_qty > 0 then hour_count else 0 end)') }}
            as hidden_hours
    from judged
    group by item_no, date_day, exclusion_reason
)

select
    items.channel_id || '|' || items.sku || '|' || cast(days.date_day as string)
    || coalesce('|' || days.exclusion_reason, '') as item_key,
    items.channel_id,
    items.sku,
    days.date_day,
    days.hour_count,
    days.difference_qty,
    days.recomputed_qty,
    days.published_hours,
    days.false_available_hours,
    days.available_hours,
    days.hidden_hours,
    coalesce(
        case when days.exclusion_reason is null and not items.is_stock_known then 'no_data:no_stock' end,
        days.exclusion_reason
    ) as exclusion_reason,
    items.channel,
    items.category,
    items.source_entity,
    items._file_digest,
    items._line
from days
inner join {{ ref('int_kpi__listed_item') }} as items
    on days.item_no = items.item_no
