-- One row a purchase-order line with its original commit: what had come by then, and its four flags (K84, K86). An
-- arrival counts from two days before the commit until its day ends; an invoice that has not come yet is no failure of
-- documents.
with

arrivals as (
    select
        receipts.po_line_key,
        min(coalesce(receipts.arrived_ts, receipts.receipt_ts)) as first_arrival_ts,
        max(coalesce(receipts.arrived_ts, receipts.receipt_ts)) as last_arrival_ts,
        sum(receipts.good_qty) filter (
            where receipts.receipt_ts <= {{ add_seconds('lines.commit_deadline_ts', '2 * 86400') }}
        ) as good_in_time_qty
    from {{ ref('fct_receipt_line') }} as receipts
    inner join {{ ref('fct_purchase_order_line') }} as lines
        on receipts.po_line_key = lines.po_line_key
    group by receipts.po_line_key
),

notices as (
    select
        {{ line_key('po_id', 'po_line_no') }} as po_line_key,
        min(asn_ts) as first_asn_ts,
        sum(shipped_qty) as noticed_qty
    from {{ ref('stg_edi__asn_line') }}
    group by po_id, po_line_no
),

invoices as (
    select
        po_line_key,
        bool_or(failure_code is not null) as is_failed
    from {{ ref('fct_supplier_invoice_line') }}
    where matched_ts <= {{ as_of() }}
    group by po_line_key
)

select
    lines.po_line_key,
    lines.po_id || '|' || cast(lines.original_commit_date as string) as supplier_order_key,
    lines.original_commit_date,
    {{ add_days('lines.original_commit_date', 2) }} as grace_date,
    case
        when lines.status_code = 'cancelled' then 'out:cancelled'
        when lines.original_commit_date is null then 'no_data:no_commit'
    end as exclusion_reason,
    lines.commit_deadline_ts < {{ as_of() }} as is_due,
    {{ add_seconds('lines.commit_deadline_ts', '2 * 86400') }} < {{ as_of() }} as is_grace_over,
    lines.ordered_qty,
    least(coalesce(arrivals.good_in_time_qty, 0), lines.ordered_qty) as filled_qty,
    lines.good_qty = lines.ordered_qty as is_full,
    coalesce(
        lines.good_qty >= lines.ordered_qty
        and arrivals.last_arrival_ts <= lines.commit_deadline_ts
        and arrivals.first_arrival_ts > {{ add_seconds('lines.commit_deadline_ts', '-3 * 86400') }},
        false
    ) as is_on_time,
    coalesce(
        notices.first_asn_ts <= arrivals.first_arrival_ts and notices.noticed_qty = lines.received_qty, false
    ) and not coalesce(invoices.is_failed, false) as is_documented,
    lines.rejected_qty = 0 as is_in_condition,
    lines.location,
    lines.region,
    lines.category,
    lines.supplier,
    lines.source_entity,
    lines._file_digest,
    lines._line
from {{ ref('fct_purchase_order_line') }} as lines
left join arrivals
    on lines.po_line_key = arrivals.po_line_key
left join notices
    on lines.po_line_key = notices.po_line_key
left join invoices
    on lines.po_line_key = invoices.po_line_key
