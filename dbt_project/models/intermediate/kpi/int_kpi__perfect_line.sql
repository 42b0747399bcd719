-- One row an order line: the four flags of the perfect order (K01); 1 holds, 0 fails, null cannot be judged.
with order_lines as (
    select
        *,
        coalesce(collected_ts, actual_ts) as handover_ts
    from {{ ref('fct_order_line') }}
),

joined as (
    select
        order_lines.*,
        promises.exclusion_reason,
        promises.is_due,
        promises.due_date,
        promises.outcome_code,
        orders.invoiced_amount_local,
        orders.captured_amount_local,
        evidence.has_return_line,
        evidence.has_payment,
        evidence.has_customer_document,
        {{ add_seconds('order_lines.handover_ts', 86400) }} as document_due_ts,
        {{ add_seconds('order_lines.handover_ts', 30 * 86400) }} as condition_final_ts,
        order_lines.fulfilment_method_code = 'pickup' and order_lines.collected_ts is null as is_document_pending
    from order_lines
    inner join {{ ref('int_kpi__promise_outcome') }} as promises on order_lines.order_line_key = promises.order_line_key
    inner join {{ ref('fct_order') }} as orders on order_lines.order_id = orders.order_id
    cross join {{ ref('int_kpi__evidence') }} as evidence
),

-- The parts of docs_ok: a document that may still come in time has not failed yet.
documents as (
    select
        *,
        case
            when fulfilment_method_code != 'pickup' then has_ship_notice
            when notified_ts is null then is_document_pending
            else is_document_pending or notified_ts <= handover_ts
        end as is_notice_in_time,
        case
            when not has_customer_document then null
            when first_document_issued_ts is null then is_document_pending or document_due_ts > {{ as_of() }}
            else is_document_pending or first_document_issued_ts <= document_due_ts
        end as is_document_in_time,
        case
            when not has_customer_document or not has_payment then null
            when invoiced_amount_local is null then is_document_pending or document_due_ts > {{ as_of() }}
            else abs(captured_amount_local - invoiced_amount_local) <= 0.01
        end as is_captured_as_invoiced
    from joined
)

select
    order_line_key,
    order_id,
    exclusion_reason,
    is_due,
    due_date,
    first_promise_latest_ts,
    case when is_complete and not is_over_delivered then 1 else 0 end as in_full,
    case when outcome_code = 'kept' then 1 when outcome_code is not null then 0 end as on_time,
    case
        when not is_complete then 0
        when not (is_notice_in_time and is_document_in_time and is_tax_recomputed and is_captured_as_invoiced) then 0
        when is_notice_in_time and is_document_in_time and is_tax_recomputed and is_captured_as_invoiced then 1
    end as docs_ok,
    case
        when not has_return_line then null
        when first_condition_claim_ts is null then 1
        when handover_ts is not null and first_condition_claim_ts > condition_final_ts then 1
        else 0
    end as condition_ok,
    channel,
    location,
    region,
    category,
    order_type,
    source_entity,
    _file_digest,
    _line
from documents
