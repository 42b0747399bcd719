-- Grain: one stretch in which two channels that should agree show one intent at different prices. E42: for longer than
-- the service level of the slower channel. Channels should agree where the price approved for the intent is the same in
-- them, by the price list or else by the promotion. Intents of one price have no row.
with differing as (

    select
        sku,
        price_version,
        currency_code
    from {{ ref("int_control__price_shown") }}
    group by sku, price_version, currency_code
    having min(shown_amount_local) < max(shown_amount_local) and min(channel_id) < max(channel_id)

),

shown as (

    select
        shown.*,
        {{ reporting_date("shown.from_ts") }} as from_date
    from {{ ref("int_control__price_shown") }} as shown
    inner join differing
        on
            shown.sku = differing.sku
            and shown.price_version = differing.price_version
            and shown.currency_code = differing.currency_code

),

listed as (

    select
        shown.publication_key,
        {{ max_by_keys("prices.price_amount_local", ["prices.valid_from_ts", "prices.price_id"]) }}
            as approved_amount_local
    from shown
    inner join {{ ref("fct_approved_price") }} as prices
        on
            shown.sku = prices.sku
            and shown.channel_id = prices.channel_id
            and shown.currency_code = prices.currency_code
            and shown.price_type = prices.price_type
            and coalesce(shown.promotion_id, 'NONE') = coalesce(prices.promotion_id, 'NONE')
    where
        coalesce(prices.location_id, '*') in ('*', shown.location_id)
        and prices.valid_from_ts <= greatest(shown.effective_ts, shown.from_ts)
    group by shown.publication_key

),

stretches as (

    select
        shown.*,
        coalesce(listed.approved_amount_local, items.right_amount_local) as approved_amount_local,
        levels.live_minutes,
        items.ends_ts
    from shown
    left join listed on shown.publication_key = listed.publication_key
    left join {{ ref("int_control__promotion_item") }} as items
        on
            shown.promotion_id = items.promotion_id
            and shown.sku = items.sku
            and shown.channel_id = items.channel_id
            and shown.location_id = items.location_id
    left join {{ ref("dim_price_service_level") }} as levels
        on
            shown.channel_id = levels.channel_id
            and shown.from_date >= levels.valid_from_date
            and shown.from_date <= levels.valid_to_date

),

{# The wrong channel is the one that is further from the price approved. #}
pairs as (

    select
        one.sku || '|' || cast(one.price_version as string) as business_key,
        one.publication_key || '|' || other.publication_key || '|'
        || {{ control_instant("greatest(one.from_ts, other.from_ts)") }} as opening_key,
        one.sku,
        one.category,
        one.ends_ts,
        greatest(one.from_date, other.from_date) as from_date,
        greatest(one.live_minutes, other.live_minutes) + {{ control_threshold("extra_grace") }} as limit_minutes,
        greatest(one.from_ts, other.from_ts) as from_ts,
        greatest(one.from_known_ts, other.from_known_ts) as from_known_ts,
        {{ control_first_ending([
            ["one.until_ts", "one.until_known_ts", "'equal'"],
            ["other.until_ts", "other.until_known_ts", "'equal'"],
        ]) }},
        abs(one.shown_amount_local - other.shown_amount_local) as observed_value,
        rates.reporting_rate,
        {%- for name in ["channel", "location", "region", "_file_digest", "_line"] %}
        case
            when
                abs(one.shown_amount_local - one.approved_amount_local)
                > abs(other.shown_amount_local - other.approved_amount_local)
                then one.{{ name }}
            else other.{{ name }}
        end as {{ name }},
        {%- endfor %}
        {{ control_threshold("tolerance") }} as threshold_value
    from stretches as one
    inner join stretches as other
        on
            one.sku = other.sku
            and one.price_version = other.price_version
            and one.currency_code = other.currency_code
            and round(one.approved_amount_local, 2) = round(other.approved_amount_local, 2)
            and one.publication_key < other.publication_key
    left join {{ ref("int_finance__daily_rate") }} as rates
        on one.currency_code = rates.currency_code and one.from_date = rates.rate_date
    {{ control_threshold_joins("E42", ["tolerance", "extra_grace"], at="one.from_ts") }}
    where
        one.channel_id <> other.channel_id
        and abs(one.shown_amount_local - other.shown_amount_local) > {{ control_threshold("tolerance") }}
        and coalesce(one.until_ts > other.from_ts, true)
        and coalesce(other.until_ts > one.from_ts, true)

),

daily as (

    {{ control_daily_units("pairs", "opening_key") }}

),

limited as (

    select
        pairs.*,
        {{ add_seconds("pairs.from_ts", "60 * pairs.limit_minutes") }} as opened_ts,
        daily.daily_qty,
        case
            when pairs.ends_ts is null then cast({{ control_threshold("horizon") }} as double)
            else greatest(cast({{ seconds_between(
                add_seconds("pairs.from_ts", "60 * pairs.limit_minutes"), "pairs.ends_ts"
            ) }} as double) / 86400, 0)
        end as day_count
    from pairs
    left join daily on pairs.opening_key = daily.opening_key
    {{ control_threshold_joins("E42", ["horizon"], at="pairs.from_ts") }}

),

assessed as (

    select
        limited.*,
        {{ control_silence_known("limited.opened_ts", "limited.from_known_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        case when limited.opened_ts is null then 'not_enough_data' end as blocked_code,
        {{ money(
            "cast(limited.observed_value * limited.reporting_rate * limited.daily_qty as double) * limited.day_count"
        ) }} as value_at_risk_amount
    from limited
    {{ control_coverage("'price_publication'", "limited.opened_ts") }}

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E42",
    "'price_publication'",
    has=[
        "channel", "location", "region", "category", "sku", "observed_value", "threshold_value", "value_at_risk_amount",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"]
) }}
