-- One row: what this home has evidence of. A KPI without the evidence that it needs is "not enough data", never zero.
with landed as (
    select
        count(*) filter (where entity = 'customer_case') > 0 as has_customer_case,
        count(*) filter (where entity = 'return_line') > 0 as has_return_line,
        count(*) filter (where entity = 'payment') > 0 as has_payment,
        count(*) filter (where entity = 'customer_document_line') > 0 as has_customer_document
    from {{ ref('fct_landing_file') }}
    where status_code = 'landed'
),

order_lines as (
    select
        count(actual_ts) > 0 as has_delivery,
        count(first_promise_latest_ts) > 0 as has_promise,
        count(ats_in_force_qty) > 0 as has_publication,
        count(*) filter (where cancelled_qty > 0) > 0 as has_cancellation
    from {{ ref('fct_order_line') }}
),

events as (
    select
        count(*) filter (where event_type in ('cancelled', 'backordered')) > 0 as has_shortage_event,
        count(*) filter (where actor_type = 'human') > 0 as has_human_event,
        count(*) filter (where event_type in ('acknowledged', 'invoiced')) > 0 as has_supplier_status
    from {{ ref('fct_order_event') }}
),

attempts as (
    select count(*) > 0 as has_allocation
    from {{ ref('fct_allocation_attempt') }}
)

select
    landed.has_customer_case,
    landed.has_return_line,
    landed.has_payment,
    landed.has_customer_document,
    order_lines.has_delivery,
    order_lines.has_publication,
    order_lines.has_cancellation,
    events.has_shortage_event,
    events.has_human_event,
    events.has_supplier_status,
    attempts.has_allocation,
    attempts.has_allocation or (order_lines.has_promise and order_lines.has_delivery) as has_order_control
from landed
cross join order_lines
cross join events
cross join attempts
