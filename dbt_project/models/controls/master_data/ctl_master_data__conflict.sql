-- Grain: one stretch in which two systems say different things of one governed attribute. E66d: for longer than a change
-- may take. Compared are the status of an item (ERP) with that of its listings (channel), and the regular price of the
-- price list (ERP) with the one that the channel shows. Pairs that agree have no row; a promotion's price is E41 and E42.
with product_versions as (

    {{ control_versions("product", ["sku"], ["status_code"]) }}

),

listing_versions as (

    {{ control_versions("channel_listing", ["channel_id", "listing_id"], ["sku", "status_code"]) }}

),

statuses as (

    select
        'product|' || products.sku || '|' || listings.channel_id || '|' || listings.listing_id || '|status' as business_key,
        'channel_listing' as evidence_entity,
        products.sku,
        listings.channel_id,
        greatest(products.from_ts, listings.from_ts) as from_ts,
        {{ least_ts("products.to_ts", "listings.to_ts") }} as to_ts,
        greatest(products.known_ts, listings.known_ts) as known_ts,
        case
            when coalesce(products.to_ts <= listings.to_ts, products.to_ts is not null) then products.to_known_ts
            else listings.to_known_ts
        end as to_known_ts,
        listings._file_digest,
        listings._line
    from product_versions as products
    inner join listing_versions as listings on products.sku = listings.sku
    where
        products.status_code = 'inactive'
        and listings.status_code = 'active'
        and coalesce(products.from_ts < listings.to_ts, true)
        and coalesce(listings.from_ts < products.to_ts, true)

),

shown as (

    select
        *,
        {{ least_ts(
            "ended_ts",
            "lead(live_ts) over (partition by sku, channel_id, location_id order by live_ts, price_version)",
        ) }} as shown_until_ts
    from {{ ref("fct_price_publication") }}
    where price_type = 'regular' and live_ts is not null

),

prices as (

    select
        'price|' || listed.sku || '|' || listed.channel_id || '|regular_price' as business_key,
        'price_publication' as evidence_entity,
        listed.sku,
        listed.channel_id,
        greatest(listed.valid_from_ts, shown.live_ts) as from_ts,
        case
            when least(listed.valid_to_ts, coalesce(shown.shown_until_ts, listed.valid_to_ts)) <= {{ as_of() }}
                then least(listed.valid_to_ts, coalesce(shown.shown_until_ts, listed.valid_to_ts))
        end as to_ts,
        greatest(listed.first_received_ts, shown.first_received_ts) as known_ts,
        greatest(listed.received_ts, shown.received_ts) as to_known_ts,
        shown._file_digest,
        shown._line
    from {{ ref("fct_approved_price") }} as listed
    inner join shown
        on
            listed.sku = shown.sku
            and listed.channel_id = shown.channel_id
            and listed.currency_code = shown.currency_code
    where
        listed.price_type = 'regular'
        and listed.location_id is null
        and shown.location_id = '*'
        and abs(listed.price_amount_local - shown.price_amount_local) > 0.005
        and listed.valid_from_ts < coalesce(shown.shown_until_ts, cast('9999-12-31' as timestamp))
        and shown.live_ts < listed.valid_to_ts

),

stretches as (

    select * from statuses
    union all
    select * from prices

),

valued as (

    select
        *,
        coalesce(to_ts, {{ as_of() }}) as valued_ts
    from stretches

),

touched as (

    {{ control_open_orders("valued", "item.sku = line.sku and item.channel_id = line.channel_id") }}

),

limited as (

    select
        stretches.*,
        coalesce(channels.channel_id, 'UNKNOWN') as channel,
        {{ control_threshold("propagation", ["channel"]) }} as propagation_hours,
        {{ add_seconds("stretches.from_ts", "3600 * " ~ control_threshold("propagation", ["channel"])) }} as opened_ts
    from stretches
    left join {{ ref("dim_channel") }} as channels on stretches.channel_id = channels.channel_id
    {{ control_threshold_joins(
        "E66d", ["propagation"], at="stretches.from_ts", scopes={"channel": "stretches.channel_id"}
    ) }}

),

assessed as (

    select
        limited.*,
        {{ control_instant("limited.from_ts") }} as opening_key,
        products.category,
        products.supplier,
        {{ control_silence_known("limited.opened_ts", "limited.known_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        limited.to_ts as ended_ts,
        limited.to_known_ts as ended_known_ts,
        'equal' as ended_reason,
        case when limited.propagation_hours is null then 'not_enough_data' end as blocked_code,
        {{ decimal_of(
            "cast(" ~ seconds_between("limited.from_ts", "coalesce(limited.to_ts, " ~ as_of() ~ ")") ~ " as double) / 3600",
            38,
            6
        ) }} as observed_value,
        limited.propagation_hours as threshold_value,
        touched.value_at_risk_amount,
        touched.open_orders_touched
    from limited
    left join touched on limited.business_key = touched.business_key and limited.from_ts = touched.from_ts
    left join {{ ref("dim_product") }} as products on limited.sku = products.sku
    {{ control_coverage("limited.evidence_entity", "limited.opened_ts") }}

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["observed_value"]) }}

{{ control_select(
    "E66d",
    "evidence_entity",
    has=[
        "channel", "category", "supplier", "sku", "observed_value", "threshold_value", "value_at_risk_amount",
        "open_orders_touched",
    ],
    relation="episodes",
    largest=["observed_value"]
) }}
