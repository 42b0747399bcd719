-- One row a purchase-order line with receipts: what came, and the first receipt that is final or brings the good
-- units to the order.
with

receipts as (
    select
        {{ line_key('receipts.po_id', 'receipts.po_line_no') }} as po_line_key,
        receipts.receipt_ts,
        receipts.first_received_ts,
        receipts.received_qty,
        receipts.rejected_qty,
        receipts.is_final,
        orders.ordered_qty,
        sum(receipts.received_qty - receipts.rejected_qty) over (
            partition by receipts.po_id, receipts.po_line_no
            order by receipts.receipt_ts, receipts.receipt_id, receipts.line_no rows unbounded preceding
        ) as good_upto_qty
    from {{ ref('stg_wms__receipt_line') }} as receipts
    left join {{ ref('stg_erp__purchase_order_line') }} as orders
        on
            receipts.po_id = orders.po_id
            and receipts.po_line_no = orders.line_no
)

select
    po_line_key,
    min(receipt_ts) as first_receipt_ts,
    max(receipt_ts) as last_receipt_ts,
    min(receipt_ts) filter (where is_final or good_upto_qty >= ordered_qty) as completing_receipt_ts,
    {{ min_by_keys(
        'first_received_ts', ['receipt_ts', 'first_received_ts'], where='is_final or good_upto_qty >= ordered_qty'
    ) }}
        as completing_received_ts,
    {{ whole('sum(received_qty)') }} as received_qty,
    {{ whole('sum(rejected_qty)') }} as rejected_qty
from receipts
group by po_line_key
