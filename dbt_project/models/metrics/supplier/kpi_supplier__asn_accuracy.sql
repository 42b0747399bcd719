-- K87. Grain: one row a receipt line or missing line of a ship notice; K87.timely one row an arrival of a purchase
-- order.
{% set dims = ['supplier', 'location', 'region'] %}
{% set always = 'cast(null as string)' %}
with arrivals as (
    select
        receipts.po_id || '|' || cast(receipts.arrived_ts as string) as arrival_key,
        {{ reporting_date('receipts.arrived_ts') }} as arrived_date,
        coalesce(
            max(notices.asn_ts) <= {{ add_seconds('receipts.arrived_ts', '-4 * 3600') }}, false
        ) as is_timely,
        min(lines.location) as location,
        min(lines.region) as region,
        min(lines.supplier) as supplier,
        'receipt_line' as source_entity,
        min(receipts._file_digest) as _file_digest,
        {{ min_by_keys('receipts._line', ['receipts._file_digest', 'receipts._line']) }} as _line
    from {{ ref('stg_wms__receipt_line') }} as receipts
    inner join {{ ref('fct_purchase_order_line') }} as lines
        on {{ line_key('receipts.po_id', 'receipts.po_line_no') }} = lines.po_line_key
    left join {{ ref('stg_edi__asn_line') }} as notices
        on receipts.po_id = notices.po_id and receipts.po_line_no = notices.po_line_no
    where receipts.arrived_ts is not null
    group by receipts.po_id, receipts.arrived_ts
)

{{ kpi_union([
    kpi_measure(
        'K87', ref('int_kpi__asn_check'), 'item_key', 'period_date', 'case when is_equal then 1 else 0 end', exclusion=always,
        dims=dims
    ),
    kpi_measure(
        'K87.timely', 'arrivals', 'arrival_key', 'arrived_date', 'case when is_timely then 1 else 0 end', exclusion=always,
        dims=dims
    ),
]) }}
