{# What a wrong price is worth: the units that its channel is expected to sell. #}

{#
A select of the units of an item that a channel sold a day in the 28 days before: `key` and daily_qty, of each row of
`relation`, which has sku, channel and from_date. What sold nothing has no row.
#}
{% macro control_daily_units(relation, key) -%}
    select
        item.{{ key }},
        {{ decimal_of("cast(sum(sold.quantity) as double) / 28", 18, 6) }} as daily_qty
    from {{ relation }} as item
    inner join {{ ref("fct_sold_day") }} as sold on item.sku = sold.sku and item.channel = sold.channel
    where sold.sale_date >= {{ add_days("item.from_date", -28) }} and sold.sale_date < item.from_date
    group by item.{{ key }}
{%- endmacro %}
