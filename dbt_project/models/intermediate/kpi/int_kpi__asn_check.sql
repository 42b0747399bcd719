-- One row a receipt line, or a line of a ship notice of which nothing came within seven days after its ETA (K87).
with

notices as (
    select
        *,
        {{ line_key('po_id', 'po_line_no') }} as po_line_key
    from {{ ref('stg_edi__asn_line') }}
),

received as (
    select
        receipts.receipt_id || '|' || cast(receipts.line_no as string) as item_key,
        {{ reporting_date('coalesce(receipts.arrived_ts, receipts.receipt_ts)') }} as period_date,
        count(notices.asn_id) filter (
            where notices.sku = receipts.sku and notices.shipped_qty = receipts.received_qty
        ) > 0 as is_equal,
        min(receipts.location) as location,
        min(receipts.region) as region,
        min(receipts.supplier) as supplier,
        min(receipts.source_entity) as source_entity,
        min(receipts._file_digest) as _file_digest,
        min(receipts._line) as _line
    from {{ ref('fct_receipt_line') }} as receipts
    left join notices
        on receipts.po_line_key = notices.po_line_key
    where receipts.po_line_key is not null
    group by receipts.receipt_id, receipts.line_no, receipts.arrived_ts, receipts.receipt_ts
),

missing as (
    select
        notices.asn_id || '|' || cast(notices.line_no as string) as item_key,
        {{ reporting_date(add_seconds('notices.eta_ts', '7 * 86400')) }} as period_date,
        false as is_equal,
        coalesce(orders.location, 'NONE') as location,
        coalesce(orders.region, 'UNKNOWN') as region,
        coalesce(orders.supplier, 'UNKNOWN') as supplier,
        {{ evidence('asn_line', 'notices') }}
    from notices
    left join {{ ref('fct_purchase_order_line') }} as orders
        on notices.po_line_key = orders.po_line_key
    where
        {{ add_seconds('notices.eta_ts', '7 * 86400') }} <= {{ as_of() }}
        and not exists (
            select 1
            from {{ ref('fct_receipt_line') }} as receipts
            where
                receipts.po_line_key = notices.po_line_key
                and receipts.receipt_ts <= {{ add_seconds('notices.eta_ts', '7 * 86400') }}
        )
)

select
    item_key,
    period_date,
    is_equal,
    location,
    region,
    supplier,
    source_entity,
    _file_digest,
    _line
from received
union all
select
    item_key,
    period_date,
    is_equal,
    location,
    region,
    supplier,
    source_entity,
    _file_digest,
    _line
from missing
