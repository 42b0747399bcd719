-- Grain: one promotion in a channel (or one location of it) whose end has come and whose price was live. E41c: at its
-- end and the tolerance, or later, the promotion's price of some items is live. A withdrawn promotion ends then.
with items as (

    select
        *,
        {{ least_ts("ends_ts", "withdrawn_ts") }} as last_ts
    from {{ ref("int_control__promotion_item") }}

),

deadlines as (

    select
        items.*,
        {{ add_seconds(
            "items.last_ts",
            "items.tolerance_seconds + 60 * " ~ control_threshold("extra_grace", ["location", "channel"])
        ) }} as deadline_ts,
        {{ control_threshold("horizon", ["location", "channel"]) }} as horizon_days
    from items
    {{ control_threshold_joins(
        "E41c",
        ["extra_grace", "horizon"],
        at="items.ends_ts",
        scopes={"channel": "items.channel", "location": "items.location"}
    ) }}
    where items.last_ts <= {{ as_of() }}

),

shown_items as (

    select
        deadlines.promotion_line_key,
        min(shown.from_ts) as live_ts,
        case when count(*) = count(shown.until_ts) then max(shown.until_ts) end as gone_ts,
        max(shown.until_known_ts) as gone_known_ts,
        max(shown.from_known_ts) as live_known_ts,
        {{ min_by_keys("shown._file_digest", ["shown.from_ts", "shown.publication_key"]) }} as _file_digest,
        {{ min_by_keys("shown._line", ["shown.from_ts", "shown.publication_key"]) }} as _line
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
        shown_items.gone_ts,
        shown_items.gone_known_ts,
        shown_items.live_known_ts,
        shown_items._file_digest as shown_digest,
        shown_items._line as shown_line,
        greatest(deadlines.deadline_ts, shown_items.live_ts) as open_ts,
        {{ decimal_of(
            "cast(deadlines.planned_discount_amount * deadlines.horizon_days * 86400 as double)"
            ~ " / nullif(deadlines.duration_seconds, 0)", 18, 6
        ) }} as kept_amount,
        coalesce(shown_items.gone_ts > greatest(deadlines.deadline_ts, shown_items.live_ts), true) as is_kept
    from deadlines
    inner join shown_items on deadlines.promotion_line_key = shown_items.promotion_line_key

),

{# Where nothing stayed, the last item to go is judged. #}
places as (

    select
        promotion_place_key as business_key,
        min(channel) as channel,
        min(location) as location,
        min(region) as region,
        min(last_ts) as last_ts,
        min(deadline_ts) as deadline_ts,
        coalesce(min(case when is_kept then open_ts end), min(deadline_ts)) as opened_ts,
        count(*) filter (where is_kept) as observed_value,
        case when count(*) = count(gone_ts) then max(gone_ts) end as ended_ts,
        max(gone_known_ts) as ended_known_ts,
        max(live_known_ts) as live_known_ts,
        {{ money("sum(case when is_kept then kept_amount end)") }} as value_at_risk_amount,
        {{ min_by_keys("shown_digest", ["sku"]) }} as _file_digest,
        {{ min_by_keys("shown_line", ["sku"]) }} as _line
    from measured
    group by promotion_place_key

),

assessed as (

    select
        places.*,
        {{ control_instant("places.last_ts") }} as opening_key,
        {{ control_silence_known("places.opened_ts", "places.live_known_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        'gone' as ended_reason,
        case when places.deadline_ts is null then 'not_enough_data' end as blocked_code,
        {{ control_minutes("places.last_ts", "places.deadline_ts") }} as threshold_value
    from places
    {{ control_coverage("'price_publication'", "places.opened_ts") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E41c",
    "'price_publication'",
    has=["channel", "location", "region", "observed_value", "threshold_value", "value_at_risk_amount"]
) }}
