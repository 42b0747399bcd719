-- Grain: one approved promotion in a channel (or one location of it) whose start has come: by when its items must be
-- live (E41b: the start and the tolerance, E41a: the start and the limit, at most a share of the duration), how many
-- were not, and when the last of them was.
{{ config(contract={"enforced": false}) }}

with items as (

    select * from {{ ref("int_control__promotion_item") }}
    where approved_ts is not null and starts_ts <= {{ as_of() }}

),

{%- set scopes = ["location", "channel"] %}
{%- set scope_columns = {"channel": "items.channel", "location": "items.location"} %}

deadlines as (

    select
        items.*,
        {{ add_seconds(
            "items.starts_ts", "items.tolerance_seconds + 60 * " ~ control_threshold("extra_grace", scopes)
        ) }} as late_ts,
        {{ add_seconds(
            "items.starts_ts",
            "least(3600 * " ~ control_threshold("limit", scopes) ~ ", "
            ~ control_threshold("duration_share", scopes) ~ " * items.duration_seconds)"
        ) }} as not_live_ts
    from items
    {{ control_threshold_joins("E41b", ["extra_grace"], at="items.starts_ts", scopes=scope_columns) }}
    {{ control_threshold_joins("E41a", ["limit", "duration_share"], at="items.starts_ts", scopes=scope_columns) }}

),

{# Live at the deadline or first after it: what was taken down before it does not count. #}
live as (

    select
        deadlines.promotion_line_key,
        {%- for name in ["late", "not_live"] %}
        {%- set in_time = "coalesce(shown.until_ts > deadlines." ~ name ~ "_ts, true)" %}
        min(case when {{ in_time }} then shown.from_ts end) as live_after_{{ name }}_ts,
        {{ min_by_keys("shown.from_known_ts", ["shown.from_ts", "shown.publication_key"], where=in_time) }}
            as live_after_{{ name }}_known_ts{{ "," if not loop.last }}
        {%- endfor %}
    from deadlines
    inner join {{ ref("int_control__price_shown") }} as shown
        on
            deadlines.promotion_id = shown.promotion_id
            and deadlines.sku = shown.sku
            and deadlines.channel_id = shown.channel_id
            and deadlines.location_id = shown.location_id
    group by deadlines.promotion_line_key

),

measured as (

    select
        deadlines.*,
        {%- for name in ["late", "not_live"] %}
        live.live_after_{{ name }}_ts,
        live.live_after_{{ name }}_known_ts,
        case
            when coalesce(live.live_after_{{ name }}_ts > deadlines.{{ name }}_ts, true)
                then {{ decimal_of(
                    "cast(deadlines.planned_discount_amount * "
                    ~ seconds_between("deadlines." ~ name ~ "_ts", "deadlines.ends_ts")
                    ~ " as double) / nullif(deadlines.duration_seconds, 0)", 18, 6
                ) }}
        end as {{ name }}_amount,
        coalesce(live.live_after_{{ name }}_ts > deadlines.{{ name }}_ts, true) as is_{{ name }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from deadlines
    left join live on deadlines.promotion_line_key = live.promotion_line_key

)

select
    promotion_place_key,
    min(starts_ts) as starts_ts,
    min(withdrawn_ts) as withdrawn_ts,
    min(withdrawn_known_ts) as withdrawn_known_ts,
    max(first_received_ts) as row_known_ts,
    {%- for name in ["late", "not_live"] %}
    min({{ name }}_ts) as {{ name }}_ts,
    case when count(*) = count(live_after_{{ name }}_ts) then max(live_after_{{ name }}_ts) end
        as live_after_{{ name }}_ts,
    max(live_after_{{ name }}_known_ts) as live_after_{{ name }}_known_ts,
    count(*) filter (where is_{{ name }}) as {{ name }}_item_count,
    {{ money("sum(" ~ name ~ "_amount)") }} as {{ name }}_amount,
    {%- endfor %}
    min(channel) as channel,
    min(location) as location,
    min(region) as region,
    {{ min_by_keys("_file_digest", ["sku"]) }} as _file_digest,
    {{ min_by_keys("_line", ["sku"]) }} as _line
from measured
group by promotion_place_key
