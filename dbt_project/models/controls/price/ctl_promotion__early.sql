-- Grain: one promotion in a channel (or one location of it) whose price was live. E41d: the price of some items was
-- live before the start less the tolerance.
with items as (

    select
        items.*,
        {{ add_seconds(
            "items.starts_ts",
            "-items.tolerance_seconds - 60 * " ~ control_threshold("extra_grace", ["location", "channel"])
        ) }} as earliest_ts
    from {{ ref("int_control__promotion_item") }} as items
    {{ control_threshold_joins(
        "E41d",
        ["extra_grace"],
        at="items.starts_ts",
        scopes={"channel": "items.channel", "location": "items.location"}
    ) }}

),

shown as (

    select
        items.promotion_place_key,
        items.sku,
        items.channel,
        items.location,
        items.region,
        items.starts_ts,
        items.earliest_ts,
        shown.publication_key,
        shown.from_ts,
        shown.from_known_ts,
        shown.until_ts,
        shown.until_known_ts,
        shown._file_digest,
        shown._line,
        coalesce(shown.from_ts < items.earliest_ts, false) as is_early,
        case
            when shown.from_ts < items.earliest_ts
                then {{ decimal_of(
                    "cast(items.planned_discount_amount * "
                    ~ seconds_between("shown.from_ts", least_ts("items.starts_ts", "shown.until_ts"))
                    ~ " as double) / nullif(items.duration_seconds, 0)", 18, 6
                ) }}
        end as early_amount
    from items
    inner join {{ ref("int_control__price_shown") }} as shown
        on
            items.promotion_id = shown.promotion_id
            and items.sku = shown.sku
            and items.channel_id = shown.channel_id
            and items.location_id = shown.location_id

),

{%- set by_time = ["from_ts", "publication_key"] %}

places as (

    select
        promotion_place_key as business_key,
        min(channel) as channel,
        min(location) as location,
        min(region) as region,
        min(starts_ts) as starts_ts,
        min(earliest_ts) as earliest_ts,
        min(from_ts) filter (where is_early) as opened_ts,
        {{ min_by_keys("from_known_ts", by_time) }} as detected_ts,
        count(distinct case when is_early then sku end) as observed_value,
        case
            when count(case when is_early and until_ts is null then 1 end) = 0
                then max(case when is_early then until_ts end)
        end as gone_ts,
        max(case when is_early then until_known_ts end) as gone_known_ts,
        {{ money("sum(early_amount)") }} as value_at_risk_amount,
        {{ min_by_keys("_file_digest", by_time) }} as _file_digest,
        {{ min_by_keys("_line", by_time) }} as _line
    from shown
    group by promotion_place_key

),

assessed as (

    select
        places.*,
        {{ control_instant("places.starts_ts") }} as opening_key,
        false as is_evidence_overdue,
        {{ control_first_ending([
            ["places.gone_ts", "places.gone_known_ts", "'taken down'"],
            [
                "case when places.starts_ts <= " ~ as_of() ~ " then places.starts_ts end",
                "places.starts_ts",
                "'start reached'",
            ],
        ]) }},
        case when places.earliest_ts is null then 'not_enough_data' end as blocked_code,
        {{ control_minutes("places.earliest_ts", "places.starts_ts") }} as threshold_value
    from places

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E41d",
    "'price_publication'",
    has=["channel", "location", "region", "observed_value", "threshold_value", "value_at_risk_amount"]
) }}
