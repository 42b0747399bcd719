-- One row a purchase-order line: its lead time against the quoted one, in calendar days (K85).
with order_lines as (
    select
        *,
        greatest(cast(1 as decimal(9, 1)), cast(quoted_lead_time_days as decimal(9, 1)) * 0.1) as tolerance_days
    from {{ ref('fct_purchase_order_line') }}
),

deadlines as (
    select
        *,
        {{ add_seconds('po_sent_ts', 'coalesce(quoted_lead_time_days + tolerance_days, 0) * 86400') }} as due_ts
    from order_lines
)

select
    po_line_key,
    due_ts <= {{ as_of() }} as is_due,
    {{ reporting_date('due_ts') }} as due_date,
    status_code = 'cancelled' and completing_receipt_ts is null as is_cancelled,
    quoted_lead_time_days,
    lead_time_days,
    first_lead_time_days,
    coalesce(abs(lead_time_days - quoted_lead_time_days) <= tolerance_days, false) as is_reliable,
    {{ reporting_date('completing_receipt_ts') }} as completed_date,
    {{ reporting_date('first_receipt_ts') }} as first_receipt_date,
    location,
    region,
    category,
    supplier,
    source_entity,
    _file_digest,
    _line
from deadlines
