-- One row a record of master data and rule that it must keep, with the weight of the rule (K102): what the record needs
-- to be usable, and the rules of the contracts that a row of master data broke when it was delivered and that was never
-- mended.
{{ config(materialized='view') }}

{% set rules = [
    ('product', 'category', 3, "category_code is not null"),
    ('product', 'tax_category', 2, "tax_category_code is not null"),
    ('product', 'supplier', 2, "known_supplier_id is not null or product_type <> 'goods'"),
    ('product', 'weight', 1, "weight_kg > 0 or product_type <> 'goods'"),
    ('product', 'gtin', 1, "length(gtin) in (8, 12, 13, 14) or product_type <> 'goods'"),
    ('location', 'region', 2, "region_code is not null"),
    ('location', 'opening_hours', 2, "opens_local is not null and closes_local is not null and open_weekdays is not null"),
    ('location', 'gln', 1, "length(gln) = 13"),
    ('supplier', 'country', 2, "country_code is not null"),
    ('supplier', 'terms', 2, "item_count > 0"),
    ('supplier', 'gln', 1, "length(gln) = 13"),
    ('price', 'amount', 3, "price_amount > 0"),
    ('price', 'item', 2, "known_sku is not null"),
    ('price', 'floor', 2, "floor_amount is null or price_amount >= floor_amount"),
    ('customer', 'tier', 1, "tier_code is not null"),
    ('customer', 'consent', 1, "has_consent is not null")
] %}
{% set keys = {
    'product': 'sku', 'location': 'location_id', 'supplier': 'supplier_id', 'price': 'price_id', 'customer': 'customer_id'
} %}

with

product as (
    select
        products.*,
        suppliers.supplier_id as known_supplier_id,
        'NONE' as region
    from {{ ref('stg_erp__product') }} as products
    left join {{ ref('dim_supplier') }} as suppliers on products.supplier_id = suppliers.supplier_id
    where products.status_code = 'active'
),

location as (
    select
        *,
        coalesce(region_code, 'UNKNOWN') as region
    from {{ ref('stg_erp__location') }}
    where closed_date is null
),

terms as (
    select
        supplier_id,
        count(*) as item_count
    from {{ ref('stg_erp__supplier_item') }}
    group by supplier_id
),

supplier as (
    select
        suppliers.*,
        coalesce(terms.item_count, 0) as item_count,
        'NONE' as region
    from {{ ref('stg_erp__supplier') }} as suppliers
    left join terms on suppliers.supplier_id = terms.supplier_id
    where suppliers.status_code = 'active'
),

floors as (
    select
        sku,
        channel_id,
        {{ max_by_keys('floor_amount', ['valid_from']) }} as floor_amount
    from {{ ref('stg_erp__price_policy') }}
    where valid_from <= {{ reporting_date(as_of()) }}
    group by sku, channel_id
),

price as (
    select
        prices.*,
        products.sku as known_sku,
        floors.floor_amount,
        'NONE' as region
    from {{ ref('stg_erp__price_list') }} as prices
    left join {{ ref('dim_product') }} as products on prices.sku = products.sku
    left join floors on prices.sku = floors.sku and prices.channel_id = floors.channel_id
    where prices.valid_from_ts <= {{ as_of() }} and coalesce(prices.valid_to_ts > {{ as_of() }}, true)
),

customer as (
    select
        *,
        'NONE' as region
    from {{ ref('stg_crm__customer') }}
)

{% for stream, rule, weight, condition in rules %}
select
    '{{ stream }}|{{ rule }}|' || {{ keys[stream] }} as check_key,
    '{{ stream }}' as stream,
    region,
    '{{ rule }}' as reason,
    {{ weight }} as weight,
    coalesce({{ condition }}, false) as is_passed,
    '{{ {'price': 'price_list'}.get(stream, stream) }}' as source_entity,
    _file_digest,
    _line
from {{ stream }}
union all
{% endfor %}
select
    rejected_key as check_key,
    case entity when 'price_list' then 'price' when 'price_policy' then 'price' else entity end as stream,
    'NONE' as region,
    rule_code as reason,
    1 as weight,
    false as is_passed,
    source_entity,
    _file_digest,
    _line
from {{ ref('fct_rejected_row') }}
where
    entity in ('product', 'location', 'supplier', 'customer', 'price_list', 'price_policy')
    and _line is not null
    and coalesce(replayed_ts > {{ as_of() }}, true)
