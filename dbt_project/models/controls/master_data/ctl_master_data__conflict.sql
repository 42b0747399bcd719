-- Grain: one stretch in which two systems say different things of one governed attribute. E66d: for longer than a
-- change may take. Compared is the status of an item (ERP) with that of its listings (channel). Pairs that agree have
-- no row; a price that differs is E42 or E47a.
with product_versions as (

    {{ control_versions("product", ["sku"], ["status_code"]) }}

),

listing_versions as (

    {{ control_versions("channel_listing", ["channel_id", "listing_id"], ["sku", "status_code"]) }}

),

statuses as (

    select
        'product|' || products.sku || '|' || listings.channel_id || '|' || listings.listing_id
        || '|status' as business_key,
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

valued as (

    select
        *,
        coalesce(to_ts, {{ as_of() }}) as valued_ts
    from statuses

),

touched as (

    {{ control_open_orders("valued", "item.sku = line.sku and item.channel_id = line.channel_id") }}

),

limited as (

    select
        statuses.*,
        coalesce(channels.channel_id, 'UNKNOWN') as channel,
        {{ control_threshold("propagation", ["channel"]) }} as propagation_hours,
        {{ add_seconds("statuses.from_ts", "3600 * " ~ control_threshold("propagation", ["channel"])) }} as opened_ts
    from statuses
    left join {{ ref("dim_channel") }} as channels on statuses.channel_id = channels.channel_id
    {{ control_threshold_joins(
        "E66d", ["propagation"], at="statuses.from_ts", scopes={"channel": "statuses.channel_id"}
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
        {{ control_waited_hours("limited.from_ts", "limited.to_ts") }} as observed_value,
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
