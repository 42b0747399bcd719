-- Grain: one order line. Quantities are base units and add up over lines of a kind; a kit and its components are
-- both here, so use is_in_scope (kits count as one line) or is_unit_scope (components count), never both.
-- ats_in_force_qty and the order's own amounts repeated on its lines must not be summed.
select
    scope.order_line_key,
    scope.order_id,
    scope.line_no,
    scope.external_order_key,
    scope.channel_id,
    progress.location_id,
    scope.sku,
    scope.order_ts,
    scope.order_date,
    scope.fulfilment_method_code,
    scope.is_test,
    scope.is_goods,
    scope.is_kit,
    scope.is_kit_component,
    scope.is_substitute,
    scope.is_backorder_sale,
    scope.is_goods and not scope.is_test and not scope.is_kit_component and not scope.is_substitute as is_in_scope,
    scope.is_goods and not scope.is_test and not scope.is_kit and not scope.is_substitute as is_unit_scope,
    case
        when scope.is_test then 'test'
        when not scope.is_goods then 'not_goods'
        when scope.is_kit_component then 'kit_component'
        when scope.is_substitute then 'substitute'
    end as scope_exclusion_code,
    obligation.ordered_qty,
    scope.latest_qty as priced_qty,
    obligation.cancelled_qty,
    obligation.cancelled_before_obligation_qty,
    obligation.obliged_qty,
    obligation.backordered_qty,
    obligation.no_stock_cancelled_qty,
    obligation.oversold_qty,
    obligation.first_oversold_ts,
    obligation.first_oversold_received_ts,
    ats.ats_in_force_qty,
    ats.ats_published_ts,
    progress.allocated_qty,
    progress.picked_qty,
    progress.shipped_qty,
    progress.ready_qty,
    progress.delivered_qty,
    progress.collected_qty,
    progress.fulfilled_qty,
    progress.open_qty,
    progress.released_ts,
    allocation.first_attempt_ts,
    allocation.last_attempt_ts,
    allocation.last_attempt_result_code,
    allocation.last_attempt_received_ts,
    progress.allocated_ts,
    progress.picked_ts,
    progress.packed_ts,
    progress.shipped_ts,
    progress.delivered_ts,
    progress.ready_ts,
    progress.notified_ts,
    progress.collected_ts,
    progress.first_shipped_ts,
    progress.hold_until_ts,
    milestones.backorder_dated_ts,
    milestones.backorder_planned_ts,
    milestones.customer_notified_ts,
    milestones.delay_announced_ts,
    first_promises.first_promise_version,
    first_promises.first_promise_issued_ts,
    first_promises.first_promise_earliest_ts,
    first_promises.first_promise_latest_ts,
    first_promises.first_promise_received_ts,
    current_promises.current_promise_version,
    current_promises.current_promise_earliest_ts,
    current_promises.current_promise_latest_ts,
    first_promises.order_line_key is not null as has_promise,
    progress.actual_ts,
    progress.actual_received_ts,
    progress.is_complete,
    progress.is_over_delivered,
    progress.completed_ts,
    progress.completed_received_ts,
    progress.is_cancelled,
    progress.cancelled_ts,
    progress.cancelled_received_ts,
    obligation.cancel_initiator_code,
    progress.is_closed,
    progress.closed_ts,
    progress.allocated_location_id as last_allocated_location_id,
    progress.has_ship_notice,
    documents.document_issued_ts as first_document_issued_ts,
    documents.is_tax_recomputed,
    documents.first_condition_claim_ts,
    amounts.net_amount,
    amounts.gross_amount,
    amounts.discount_amount,
    amounts.tax_amount,
    shipping.shipping_amount,
    amounts.net_amount_local,
    amounts.tax_amount_local,
    scope.currency_code,
    amounts.unit_cost_amount,
    scope.channel,
    {{ mapped_dim('progress.location_id', 'locations.location_id') }} as location,
    scope.region,
    scope.category,
    scope.supplier,
    scope.promotion,
    {{ dim('progress.carrier_id') }} as carrier,
    scope.order_type,
    {{ evidence('sales_order_line', 'scope') }}
from {{ ref('int_order__line_scope') }} as scope
inner join {{ ref('int_order__line_obligation') }} as obligation
    on scope.order_line_key = obligation.order_line_key
inner join {{ ref('int_order__line_progress') }} as progress
    on scope.order_line_key = progress.order_line_key
inner join {{ ref('int_order__line_money') }} as amounts
    on scope.order_line_key = amounts.order_line_key
inner join {{ ref('int_order__line_document') }} as documents
    on scope.order_line_key = documents.order_line_key
left join {{ ref('int_order__shipping_share') }} as shipping
    on scope.order_line_key = shipping.order_line_key
left join {{ ref('int_order__event_milestone') }} as milestones
    on scope.order_line_key = milestones.order_line_key
left join {{ ref('int_order__line_allocation') }} as allocation
    on scope.order_line_key = allocation.order_line_key
left join {{ ref('int_order__first_promise') }} as first_promises
    on scope.order_line_key = first_promises.order_line_key
left join {{ ref('int_order__current_promise') }} as current_promises
    on scope.order_line_key = current_promises.order_line_key
left join {{ ref('int_order__ats_in_force') }} as ats
    on scope.order_line_key = ats.order_line_key
left join {{ ref('dim_location') }} as locations
    on progress.location_id = locations.location_id
