-- Grain: one event of an order. Events of other systems stand beside those of the order management system; quantities
-- overlap and must not be summed.
with

scans as (
    select
        shipments.order_id,
        scans.event_ts,
        scans.received_ts,
        scans.event_type,
        scans.parcel_id,
        scans.reason_code,
        scans._file_digest,
        scans._line
    from {{ ref('stg_carrier__shipment_event') }} as scans
    inner join {{ ref('fct_shipment') }} as shipments
        on scans.shipment_id = shipments.shipment_id
),

events as (
    {{ timeline_events(ref('fct_order'), 'placed', 'order_ts', 'oms', 'sales_order', {'detail': 'channel'}) }}

    union all

    {{ timeline_events(ref('fct_promise'), "promised", 'issued_ts', 'oms', 'promise', {
        'line_no': 'line_no', 'detail': 'basis_code',
        'promise_earliest_ts': 'promise_earliest_ts', 'promise_latest_ts': 'promise_latest_ts'
    }) }}

    union all

    {{ timeline_events(ref('fct_order_event'), none, 'event_ts', 'oms', 'order_event', {
        'step_code': 'event_type', 'line_no': 'line_no', 'quantity': 'quantity', 'location': 'location',
        'actor_type': 'actor_type', 'detail': 'reason_code'
    }) }}

    union all

    {{ timeline_events('scans', none, 'event_ts', 'carrier', 'shipment_event', {
        'step_code': "'parcel_' || event_type", 'actor_type': "'carrier'", 'detail': "concat_ws(' ', parcel_id, reason_code)"
    }) }}

    union all

    {{ timeline_events(ref('fct_payment'), none, 'event_ts', 'oms', 'payment', {
        'step_code': "'payment_' || payment_type", 'detail': "concat_ws(' ', tender_type, status_code)"
    }) }}

    union all

    {{ timeline_events(ref('fct_refund'), 'refund_issued', 'refund_ts', 'oms', 'refund', {'detail': 'refund_type'}) }}

    union all

    {{ timeline_events(ref('fct_customer_case'), 'case_opened', 'opened_ts', 'crm', 'customer_case', {
        'line_no': 'line_no', 'actor_type': "'customer'", 'detail': 'theme_code'
    }) }}
),

chosen as (
    select events.*
    from events
    inner join {{ ref('fct_order') }} as orders
        on events.order_id = orders.order_id
    where events.step_code <> 'created'
)

select
    chosen.order_id,
    cast(
        row_number() over (
            partition by chosen.order_id
            order by
                chosen.event_ts,
                chosen.step_code,
                chosen.line_no,
                chosen.source_entity,
                chosen._file_digest,
                chosen._line
        ) as bigint
    ) as event_seq,
    chosen.event_ts,
    chosen.received_ts,
    chosen.step_code,
    upper(substring(chosen.step_code, 1, 1)) || replace(substring(chosen.step_code, 2), '_', ' ') as step_name,
    chosen.system_code,
    cast(chosen.line_no as string) as line_no,
    lines.sku,
    chosen.quantity,
    chosen.location,
    chosen.actor_type,
    nullif(chosen.detail, '') as detail,
    chosen.promise_earliest_ts,
    chosen.promise_latest_ts,
    chosen.source_entity,
    chosen._file_digest,
    chosen._line
from chosen
left join {{ ref('fct_order_line') }} as lines
    on
        chosen.order_id = lines.order_id
        and chosen.line_no = lines.line_no
