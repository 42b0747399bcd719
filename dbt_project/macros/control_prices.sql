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

{#
A control of promotions that are not live at an instant of int_control__promotion_start (E41a, E41b): `limit` is the prefix of
that instant's columns there. `endings`: what ends it besides going live and withdrawal, as for control_first_ending.
#}
{% macro control_promotion_start(code, limit, endings=[]) -%}
with places as (

    select * from {{ ref("int_control__promotion_start") }}

),

assessed as (

    select
        places.promotion_place_key as business_key,
        {{ control_instant("places.starts_ts") }} as opening_key,
        places.channel,
        places.location,
        places.region,
        places._file_digest,
        places._line,
        places.{{ limit }}_ts as opened_ts,
        {{ control_silence_known("places." ~ limit ~ "_ts", "places.row_known_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        {{ control_first_ending([
            ["places.live_after_" ~ limit ~ "_ts", "places.live_after_" ~ limit ~ "_known_ts", "'live'"],
            ["places.withdrawn_ts", "places.withdrawn_known_ts", "'cancelled'"],
        ] + endings) }},
        case when places.{{ limit }}_ts is null then 'not_enough_data' end as blocked_code,
        places.{{ limit }}_item_count as observed_value,
        {{ control_minutes("places.starts_ts", "places." ~ limit ~ "_ts") }} as threshold_value,
        places.{{ limit }}_amount as value_at_risk_amount
    from places
    {{ control_coverage("'price_publication'", "places." ~ limit ~ "_ts") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    code,
    "'promotion_line'",
    has=["channel", "location", "region", "observed_value", "threshold_value", "value_at_risk_amount"]
) }}
{%- endmacro %}
