-- One row a step of a replenishment proposal, followed through the purchase order line or the transfer that came of it.
{{ config(materialized='view') }}

with

cases as (
    select
        proposals.proposal_id,
        proposals.created_ts as proposed_ts,
        proposals.decided_ts,
        coalesce(purchases.po_sent_ts, transfers.created_ts) as ordered_ts,
        transfers.shipped_ts,
        coalesce(purchases.completing_receipt_ts, transfers.completed_ts) as received_ts,
        proposals._file_digest,
        proposals._line
    from {{ ref('stg_erp__replenishment_proposal') }} as proposals
    left join {{ ref('fct_purchase_order_line') }} as purchases
        on {{ line_key('proposals.po_id', 'proposals.po_line_no') }} = purchases.po_line_key
    left join {{ ref('fct_transfer_line') }} as transfers
        on
            proposals.transfer_id = transfers.transfer_id
            and proposals.sku = transfers.sku
)

{% for activity in ['proposed', 'decided', 'ordered', 'shipped', 'received'] %}
select
    proposal_id,
    '{{ activity }}' as activity,
    {{ activity }}_ts as event_ts,
    'replenishment_proposal' as source_entity,
    _file_digest,
    _line
from cases
where {{ activity }}_ts <= {{ as_of() }}
{% if not loop.last %}
union all
{% endif %}
{% endfor %}
