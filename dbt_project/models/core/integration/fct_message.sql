-- Grain: one message of the integration layer. Count objects with is_representative, messages without; latencies
-- are averaged or put in a histogram, never summed across interfaces.
with

messages as (
    select
        messages.*,
        versions.effective_applied_ts,
        versions.effective_applied_known_ts,
        versions.is_representative,
        versions.application_count,
        versions.nth_application,
        versions.receipt_no,
        versions.version_applied_ts,
        interfaces.interface_id as known_interface_id,
        interfaces.sla_seconds,
        interfaces.process_code,
        {{ seconds_between('messages.event_ts', 'versions.effective_applied_ts') }} as raw_latency_seconds,
        {{ add_seconds('messages.event_ts', 'interfaces.sla_seconds') }} as breach_due_ts
    from {{ ref('stg_integration__integration_message') }} as messages
    inner join {{ ref('int_integration__message_version') }} as versions
        on messages.message_id = versions.message_id
    left join {{ ref('dim_interface') }} as interfaces
        on messages.interface_id = interfaces.interface_id
)

select
    messages.message_id,
    messages.interface_id,
    messages.object_type,
    messages.business_key,
    messages.business_version,
    messages.location_id,
    messages.sku,
    messages.quantity,
    messages.event_ts,
    messages.sent_ts,
    messages.target_received_ts,
    messages.applied_ts,
    messages.status_code,
    messages.attempts,
    messages.error_code,
    messages.sla_seconds,
    messages.is_representative,
    messages.application_count,
    messages.nth_application,
    messages.receipt_no,
    messages.effective_applied_ts,
    messages.effective_applied_known_ts,
    coalesce(messages.effective_applied_ts < messages.version_applied_ts, messages.effective_applied_ts is not null)
    and messages.effective_applied_ts is not null as is_overtaken,
    case when messages.raw_latency_seconds >= 0 then messages.raw_latency_seconds end as latency_seconds,
    coalesce(messages.raw_latency_seconds < 0, false) as is_negative_latency,
    messages.breach_due_ts,
    case
        when messages.breach_due_ts <= {{ as_of() }}
            then messages.effective_applied_ts is null or messages.effective_applied_ts > messages.breach_due_ts
    end as is_breach,
    messages.first_failed_ts,
    messages.first_failed_known_ts,
    messages.failed_error_code,
    messages.status_code in ('failed', 'dead_lettered') as is_failed_now,
    messages.object_type = 'stock' as is_stock,
    {{ mapped_dim('messages.interface_id', 'messages.known_interface_id') }} as interface,
    {{ mapped_dim('messages.location_id', 'locations.location_id') }} as location,
    case when messages.location_id is null then 'NONE' else coalesce(locations.region, 'UNKNOWN') end as region,
    coalesce(products.category, case when messages.sku is null then 'NONE' else 'UNKNOWN' end) as category,
    coalesce(messages.process_code, 'UNKNOWN') as process,
    {{ evidence('integration_message', 'messages') }}
from messages
left join {{ ref('dim_location') }} as locations
    on messages.location_id = locations.location_id
left join {{ ref('dim_product') }} as products
    on messages.sku = products.sku
