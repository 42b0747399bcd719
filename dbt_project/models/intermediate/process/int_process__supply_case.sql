-- One row a case that belongs to no order with its dimensions, and whether it has ended: a purchase-order line has
-- come and is invoiced, a proposal's goods are there or it was turned down, a promotion is off everywhere and its
-- claim has fallen due.
select
    'procure-to-pay' as process,
    lines.po_line_key as case_id,
    lines.status_code = 'cancelled'
    or (
        coalesce(lines.completing_receipt_ts, lines.closed_ts) is not null
        and invoices.po_line_key is not null
    ) as is_ended,
    'NONE' as channel,
    lines.location,
    lines.region,
    lines.supplier,
    'NONE' as order_type
from {{ ref('fct_purchase_order_line') }} as lines
left join (
    select distinct po_line_key
    from {{ ref('fct_supplier_invoice_line') }}
    where po_line_key is not null
) as invoices on lines.po_line_key = invoices.po_line_key

union all

select
    'inventory-to-replenishment' as process,
    proposals.proposal_id as case_id,
    proposals.decision_code = 'rejected'
    or coalesce(purchases.completing_receipt_ts, transfers.completed_ts) is not null as is_ended,
    'NONE' as channel,
    {{ mapped_dim('proposals.location_id', 'locations.location_id') }} as location,
    coalesce(locations.region, 'UNKNOWN') as region,
    coalesce(products.supplier, 'UNKNOWN') as supplier,
    'NONE' as order_type
from {{ ref('stg_erp__replenishment_proposal') }} as proposals
left join {{ ref('fct_purchase_order_line') }} as purchases
    on {{ line_key('proposals.po_id', 'proposals.po_line_no') }} = purchases.po_line_key
left join {{ ref('fct_transfer_line') }} as transfers
    on
        proposals.transfer_id = transfers.transfer_id
        and proposals.sku = transfers.sku
left join {{ ref('dim_location') }} as locations
    on proposals.location_id = locations.location_id
left join {{ ref('dim_product') }} as products
    on proposals.sku = products.sku

union all

select
    'promotion-to-settlement' as process,
    promotions.promotion_id as case_id,
    promotions.status_code = 'withdrawn' or coalesce(steps.is_off and steps.is_settled, false) as is_ended,
    'NONE' as channel,
    'NONE' as location,
    'NONE' as region,
    'NONE' as supplier,
    'NONE' as order_type
from {{ ref('stg_erp__promotion') }} as promotions
left join (
    select
        events.promotion_id,
        bool_or(events.activity = 'off') as is_off,
        bool_or(events.activity = 'claim_due') or count(fundings.promotion_id) = 0 as is_settled
    from {{ ref('int_process__promotion_event') }} as events
    left join (
        select distinct promotion_id
        from {{ ref('stg_erp__supplier_funding') }}
    ) as fundings on events.promotion_id = fundings.promotion_id
    group by events.promotion_id
) as steps on promotions.promotion_id = steps.promotion_id
