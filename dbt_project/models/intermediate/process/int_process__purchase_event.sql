-- One row an event of a purchase-order line: order, acknowledgements, ship notices, receipts, invoices.
{{ config(materialized='view') }}

with events as (
    select
        po_line_key,
        'sent' as activity,
        po_sent_ts as event_ts,
        po_id as event_key,
        source_entity,
        _file_digest,
        _line
    from {{ ref('fct_purchase_order_line') }}

    union all

    select
        {{ line_key('po_id', 'line_no') }} as po_line_key,
        'acknowledged' as activity,
        ack_ts as event_ts,
        cast(ack_version as string) as event_key,
        'po_acknowledgement' as source_entity,
        _file_digest,
        _line
    from {{ ref('stg_edi__po_acknowledgement') }}

    union all

    select
        {{ line_key('po_id', 'po_line_no') }} as po_line_key,
        'announced' as activity,
        asn_ts as event_ts,
        asn_id as event_key,
        'asn_line' as source_entity,
        _file_digest,
        _line
    from {{ ref('stg_edi__asn_line') }}

    union all

    select
        po_line_key,
        'arrived' as activity,
        arrived_ts as event_ts,
        receipt_id as event_key,
        source_entity,
        _file_digest,
        _line
    from {{ ref('fct_receipt_line') }}

    union all

    select
        po_line_key,
        'received' as activity,
        receipt_ts as event_ts,
        receipt_id as event_key,
        source_entity,
        _file_digest,
        _line
    from {{ ref('fct_receipt_line') }}

    union all

    select
        po_line_key,
        'put_away' as activity,
        putaway_ts as event_ts,
        receipt_id as event_key,
        source_entity,
        _file_digest,
        _line
    from {{ ref('fct_receipt_line') }}

    union all

    select
        po_line_key,
        'invoiced' as activity,
        invoice_ts as event_ts,
        invoice_id as event_key,
        source_entity,
        _file_digest,
        _line
    from {{ ref('fct_supplier_invoice_line') }}
)

select *
from events
where po_line_key is not null and event_ts <= {{ as_of() }}
