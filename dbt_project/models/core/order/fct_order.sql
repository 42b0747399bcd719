-- Grain: one order. Amounts and quantities add up over orders; an exchange or replacement is an order of its own.
select
    orders.order_id,
    orders.external_order_key,
    orders.channel_id,
    orders.customer_id,
    orders.order_ts,
    {{ reporting_date('orders.order_ts') }} as order_date,
    orders.expected_ship_ts,
    orders.is_test,
    coalesce(channels.channel_type = 'marketplace', false) as is_marketplace,
    orders.order_type = 'pickup' or coalesce(progress.is_pickup, false) as is_pickup,
    orders.original_order_id,
    orders.currency_code,
    orders.tax_amount as tax_amount_local,
    orders.shipping_amount as shipping_amount_local,
    orders.total_amount as total_amount_local,
    totals.shipping_amount,
    totals.net_amount,
    coalesce(totals.line_count, 0) as line_count,
    coalesce(progress.in_scope_line_count, 0) as in_scope_line_count,
    coalesce(progress.ordered_qty, 0) as ordered_qty,
    coalesce(progress.obliged_qty, 0) as obliged_qty,
    coalesce(progress.cancelled_qty, 0) as cancelled_qty,
    progress.order_id is not null and not orders.is_test as is_in_scope,
    coalesce(progress.is_cancelled, false) as is_cancelled,
    progress.cancelled_ts,
    progress.cancel_initiator_code,
    coalesce(progress.is_cancelled_before_obligation, false) as is_cancelled_before_obligation,
    progress.released_ts,
    progress.allocated_ts,
    progress.picked_ts,
    progress.packed_ts,
    progress.shipped_ts,
    progress.delivered_ts,
    progress.ready_ts,
    progress.notified_ts,
    progress.collected_ts,
    progress.promised_latest_ts,
    coalesce(progress.has_promise, false) as has_promise,
    progress.actual_ts,
    progress.completed_ts,
    progress.completed_received_ts,
    coalesce(progress.is_closed, false) as is_closed,
    progress.closed_ts,
    progress.first_shipped_ts,
    metadata.metadata_missing_count,
    metadata.metadata_complete_ts,
    metadata.metadata_complete_received_ts,
    metadata.metadata_fields_missing,
    money.captured_amount_local,
    money.captured_received_ts,
    money.invoiced_amount_local,
    {{ mapped_dim('orders.channel_id', 'channels.channel_id') }} as channel,
    coalesce(progress.location, 'NONE') as location,
    coalesce(orders.region_code, 'UNKNOWN') as region,
    orders.order_type,
    {{ evidence('sales_order', 'orders') }}
from {{ ref('stg_oms__sales_order') }} as orders
inner join {{ ref('int_order__metadata') }} as metadata
    on orders.order_id = metadata.order_id
inner join {{ ref('int_order__order_money') }} as money
    on orders.order_id = money.order_id
left join {{ ref('int_order__order_progress') }} as progress
    on orders.order_id = progress.order_id
left join {{ ref('int_order__order_line_total') }} as totals
    on orders.order_id = totals.order_id
left join {{ ref('dim_channel') }} as channels
    on orders.channel_id = channels.channel_id
