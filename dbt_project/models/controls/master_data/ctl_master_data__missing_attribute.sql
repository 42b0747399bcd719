-- Grain: one version of a record of an item, location, supplier or price. E66a: an active record lacks an attribute
-- that it needs to be usable (the completeness rules of K102). What a contract itself requires, such as the tier of a
-- customer, is refused at landing and never gets here.
{% set rules = {
    "product": [
        "category_code is not null", "tax_category_code is not null",
        "supplier_id is not null or product_type <> 'goods'", "weight_kg > 0 or product_type <> 'goods'",
        "length(gtin) in (8, 12, 13, 14) or product_type <> 'goods'",
    ],
    "location": [
        "region_code is not null", "length(gln) = 13",
        "opens_local is not null and closes_local is not null and open_weekdays is not null",
    ],
    "supplier": ["country_code is not null", "length(gln) = 13"],
    "price": ["price_amount > 0"],
} %}
with product as (

    {{ control_versions(
        "product",
        ["sku"],
        [
            "category_code", "tax_category_code", "supplier_id", "weight_kg", "gtin", "product_type",
            "sku as record_key", "status_code = 'active' as is_active",
        ],
        next=["status_code"]
    ) }}

),

location as (

    {{ control_versions(
        "location",
        ["location_id"],
        [
            "region_code", "gln", "opens_local", "closes_local", "open_weekdays",
            "location_id as record_key", "closed_date is null as is_active", "cast(null as string) as next_status_code",
        ]
    ) }}

),

supplier as (

    {{ control_versions(
        "supplier",
        ["supplier_id"],
        ["country_code", "gln", "supplier_id as record_key", "status_code = 'active' as is_active"],
        next=["status_code"]
    ) }}

),

price as (

    {{ control_versions(
        "price_list",
        ["price_id"],
        [
            "price_amount", "price_id as record_key", "coalesce(valid_to_ts > updated_ts, true) as is_active",
            "cast(null as string) as next_status_code",
        ]
    ) }}

),

versions as (
{% for domain, conditions in rules.items() %}
    select
        '{{ domain }}' as domain,
        '{{ {"price": "price_list"}.get(domain, domain) }}' as evidence_entity,
        record_key,
        is_active,
        next_status_code,
        {%- for condition in conditions %}
        case when {{ condition }} then 0 else 1 end{{ " +" if not loop.last else " as missing_count," }}
        {%- endfor %}
        from_ts,
        to_ts,
        known_ts,
        to_known_ts,
        _file_digest,
        _line
    from {{ domain }}
    {{ "union all" if not loop.last }}
{%- endfor %}
),

limited as (

    select
        versions.*,
        versions.domain || '|' || versions.record_key as business_key,
        {{ control_threshold("attributes") }} as fewest_attributes,
        coalesce(versions.to_ts, {{ as_of() }}) as valued_ts
    from versions
    {{ control_threshold_joins("E66a", ["attributes"], at="versions.from_ts") }}

),

lacking as (

    select
        limited.*,
        prices.sku as price_sku,
        prices.channel_id as price_channel
    from limited
    left join {{ ref("stg_erp__price_list") }} as prices
        on limited.record_key = prices.price_id and limited.domain = 'price'
    where limited.is_active and limited.missing_count >= limited.fewest_attributes

),

touched as (

    {{ control_open_orders("lacking", "item.domain = 'product' and item.record_key = line.sku") }}
    union all
    {{ control_open_orders("lacking", "item.domain = 'supplier' and item.record_key = line.supplier") }}
    union all
    {{ control_open_orders(
        "lacking", "item.domain = 'location' and item.record_key = line.last_allocated_location_id"
    ) }}
    union all
    {{ control_open_orders(
        "lacking", "item.domain = 'price' and item.price_sku = line.sku and item.price_channel = line.channel_id"
    ) }}

),

assessed as (

    select
        limited.*,
        {{ control_instant("limited.from_ts") }} as opening_key,
        case when limited.domain = 'product' then limited.record_key end as sku,
        case when limited.domain = 'location' then limited.record_key end as location,
        case when limited.domain = 'supplier' then limited.record_key end as supplier,
        case
            when limited.is_active and limited.missing_count >= limited.fewest_attributes then limited.from_ts
        end as opened_ts,
        greatest(limited.from_ts, limited.known_ts) as detected_ts,
        false as is_evidence_overdue,
        limited.to_ts as ended_ts,
        limited.to_known_ts as ended_known_ts,
        case when limited.next_status_code = 'inactive' then 'record inactive' else 'filled' end as ended_reason,
        case
            when limited.fewest_attributes is null then 'not_enough_data'
            when not limited.is_active then 'not_applicable'
        end as blocked_code,
        limited.missing_count as observed_value,
        limited.fewest_attributes as threshold_value,
        touched.value_at_risk_amount,
        touched.open_orders_touched
    from limited
    left join touched on limited.business_key = touched.business_key and limited.from_ts = touched.from_ts

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["observed_value"]) }}

{{ control_select(
    "E66a",
    "evidence_entity",
    has=["location", "supplier", "sku", "observed_value", "threshold_value", "value_at_risk_amount", "open_orders_touched"],
    relation="episodes",
    largest=["observed_value"]
) }}
