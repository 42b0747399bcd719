-- K84. Grain: one row a supplier order (purchase order and original commit) that is due; K84.otif one row a line.
{% set lines = ref('int_kpi__supplier_delivery') %}
with orders as (
    select
        supplier_order_key,
        original_commit_date,
        cast(null as string) as exclusion_reason,
        bool_and(is_full and is_on_time and is_documented and is_in_condition) as is_perfect,
        min(location) as location,
        min(region) as region,
        min(supplier) as supplier,
        min(source_entity) as source_entity,
        min(_file_digest) as _file_digest,
        {{ min_by_keys('_line', ['_file_digest', '_line']) }} as _line
    from {{ lines }}
    where is_due and exclusion_reason is null
    group by supplier_order_key, original_commit_date
)

{{ kpi_union([
    kpi_measure(
        'K84', 'orders', 'supplier_order_key', 'original_commit_date', 'case when is_perfect then 1 else 0 end',
        dims=['supplier', 'location', 'region']
    ),
    kpi_measure(
        'K84.otif', lines, 'po_line_key', 'original_commit_date', 'case when is_full and is_on_time then 1 else 0 end',
        dims=['supplier', 'location', 'region', 'category'], where='is_due'
    ),
]) }}
