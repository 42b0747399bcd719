{#
Days on which an item is ranged at a location that was open, once they have ended: the item-place-days of K34, K36 and K37. A
select of location_id, sku, date_day, is_stock_out, location, region, category, supplier over published tables only, so that
models of millions of such days are published as views.
#}
{% macro ranged_days() -%}
    select
        ranges.location_id,
        ranges.sku,
        days.date_day,
        coalesce(outs.is_stock_out, false) as is_stock_out,
        ranges.location,
        ranges.region,
        ranges.category,
        ranges.supplier,
        ranges.source_entity,
        ranges._file_digest,
        ranges._line
    from {{ ref('fct_stock_range') }} as ranges
    inner join {{ ref('dim_location_day') }} as days
        on
            ranges.location_id = days.location_id
            and ranges.first_date <= days.date_day
            and days.date_day <= ranges.last_date
    left join {{ ref('fct_stock_out') }} as outs
        on
            ranges.location_id = outs.location_id
            and ranges.sku = outs.sku
            and days.date_day = outs.date_day
    where days.is_open and days.closes_ts <= {{ as_of() }}
{%- endmacro %}
