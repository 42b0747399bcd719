-- One row a purchase-order line with acknowledgements: the first and the last day that the supplier committed to.
select
    {{ line_key('po_id', 'line_no') }} as po_line_key,
    {{ min_by_keys('committed_date', ['ack_version'], where="ack_type <> 'rejected'") }}
        as first_committed_date,
    {{ max_by_keys('committed_date', ['ack_version'], where="ack_type <> 'rejected'") }}
        as last_committed_date,
    min(ack_ts) as first_ack_ts,
    {{ max_by_keys('ack_type', ['ack_version']) }} as last_ack_type
from {{ ref('stg_edi__po_acknowledgement') }}
group by po_id, line_no
