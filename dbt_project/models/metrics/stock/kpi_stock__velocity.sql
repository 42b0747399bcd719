-- K37. Grain: one row an item, location and day on which it is ranged, and one a channel in which it was sold on such
-- a day. The days stand twice where they are read, and not once before: DuckDB would write all of them down.
{% set dims = ['channel', 'location', 'region', 'category'] %}
{% set days %}
    select
        ranged.*,
        ranged.location_id || '|' || ranged.sku || '|' || cast(ranged.date_day as string) as day_key,
        case when ranged.is_stock_out then 'out:stock_out' end as exclusion_reason,
        'NONE' as channel
    from ({{ ranged_days() }}) as ranged
{% endset %}
with sales as (
    select
        days.date_day,
        days.day_key || '|' || sold.channel as sale_key,
        days.exclusion_reason,
        sold.quantity,
        sold.channel,
        days.location,
        days.region,
        days.category,
        sold.source_entity,
        sold._file_digest,
        sold._line
    from ({{ days }}) as days
    inner join {{ ref('fct_sold_day') }} as sold
        on
            days.location_id = sold.location_id
            and days.sku = sold.sku
            and days.date_day = sold.sale_date
)

{{ kpi_union([
    kpi_measure('K37', '(' ~ days ~ ') as days', 'day_key', 'date_day', '0', dims=dims),
    kpi_measure('K37', 'sales', 'sale_key', 'date_day', 'quantity', '0', dims=dims),
]) }}
