-- K102. Grain: one row a record of master data and rule; K102.duplicate_vendor one row an active supplier; K102.orphan
-- one row an active listing, and one a code that no contract's list has. All on the day of the build.
{% set build_date = reporting_date(as_of()) %}
{% set always = 'cast(null as string)' %}
with suppliers as (
    select
        *,
        supplier_id <> min(supplier_id) over (partition by coalesce(gln, supplier_id)) as has_same_number,
        supplier_id <> min(supplier_id) over (partition by lower(trim(supplier_name)), country_code) as has_same_name,
        'supplier' as stream,
        'NONE' as region,
        'supplier' as source_entity
    from {{ ref('stg_erp__supplier') }}
    where status_code = 'active'
),

mapped as (
    select
        'listing|' || listings.channel_id || '|' || listings.listing_id as mapping_key,
        products.sku is null as is_orphan,
        'product' as stream,
        'NONE' as region,
        'channel_listing' as source_entity,
        listings._file_digest,
        listings._line
    from {{ ref('stg_marketplace__channel_listing') }} as listings
    left join {{ ref('dim_product') }} as products on listings.sku = products.sku
    where listings.status_code = 'active'
    union all
    select
        'code|' || entity || '|' || column_name || '|' || code as mapping_key,
        true as is_orphan,
        'code' as stream,
        'NONE' as region,
        source_entity,
        _file_digest,
        _line
    from {{ ref('fct_unknown_code') }}
)

{{ kpi_union([
    kpi_measure(
        'K102', ref('int_kpi__master_rule'), 'check_key', build_date, 'case when is_passed then weight else 0 end', 'weight',
        exclusion=always, dims=['stream', 'region', 'reason']
    ),
    kpi_measure(
        'K102.duplicate_vendor', 'suppliers', 'supplier_id', build_date,
        'case when has_same_number or has_same_name then 1 else 0 end', exclusion=always, dims=['stream', 'region']
    ),
    kpi_measure(
        'K102.orphan', 'mapped', 'mapping_key', build_date, 'case when is_orphan then 1 else 0 end', exclusion=always,
        dims=['stream', 'region']
    ),
]) }}
