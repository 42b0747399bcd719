-- One row an order line: when its invoice or receipt covered the units owed, whether its tax recomputes, and the
-- first complaint about the condition of the goods. A document without order lines counts for each line of its
-- order.
with

issued as (
    select
        documents.order_id,
        documents.order_line_no,
        documents.issued_ts,
        count(documents.order_line_no) over (partition by documents.order_id) = 0 as is_of_order,
        sum(documents.quantity) over (
            partition by documents.order_id, documents.order_line_no
            order by documents.issued_ts, documents.document_id, documents.line_no rows unbounded preceding
        ) as quantity_upto
    from {{ ref('stg_erp__customer_document_line') }} as documents
    where documents.order_id is not null and documents.document_type in ('invoice', 'receipt')
),

documented as (
    select
        obligation.order_line_key,
        min(issued.issued_ts) as document_issued_ts
    from {{ ref('int_order__line_obligation') }} as obligation
    inner join {{ ref('int_order__line_scope') }} as scope
        on obligation.order_line_key = scope.order_line_key
    inner join issued
        on
            scope.order_id = issued.order_id
            and (
                issued.is_of_order
                or (scope.line_no = issued.order_line_no and obligation.obliged_qty <= issued.quantity_upto)
            )
    group by obligation.order_line_key
),

taxed as (
    select
        order_line_key,
        case
            when count(recomputed_tax_amount_local) = count(*)
                then bool_and(abs(tax_amount_local - recomputed_tax_amount_local) <= 0.01)
        end as is_tax_recomputed
    from {{ ref('int_order__tax_check') }}
    group by order_line_key
),

claims as (
    select
        order_id,
        order_line_no as line_no,
        initiated_ts as claim_ts
    from {{ ref('stg_oms__return_line') }}
    where
        reason_code in ('damaged', 'defective', 'wrong_item', 'missing_item')
        and status_code not in ('withdrawn', 'expired')

    union all

    select
        order_id,
        line_no,
        opened_ts as claim_ts
    from {{ ref('stg_crm__customer_case') }}
    where theme_code in ('damaged', 'defective', 'wrong_item', 'missing_item')
),

claimed as (
    select
        scope.order_line_key,
        min(claims.claim_ts) as first_condition_claim_ts
    from {{ ref('int_order__line_scope') }} as scope
    inner join claims
        on
            scope.order_id = claims.order_id
            and (claims.line_no is null or scope.line_no = claims.line_no)
    group by scope.order_line_key
)

select
    scope.order_line_key,
    documented.document_issued_ts,
    taxed.is_tax_recomputed,
    claimed.first_condition_claim_ts
from {{ ref('int_order__line_scope') }} as scope
left join documented
    on scope.order_line_key = documented.order_line_key
left join taxed
    on scope.order_line_key = taxed.order_line_key
left join claimed
    on scope.order_line_key = claimed.order_line_key
