-- One row an order touched by messages that failed or came too late, at the earliest of them (K100): by its number or
-- the channel's, a shipment or a return of it; by stock and price messages, when it asks for that item, at that place
-- where the message names one, and was placed between the event and its application.
with

messages as (
    select
        message_id,
        interface,
        process,
        object_type,
        split_part(business_key, '|', 1) as object_key,
        sku,
        location_id,
        event_ts,
        effective_applied_ts,
        case
            when breach_due_ts is not null
                then greatest(
                    {{ seconds_between('breach_due_ts', 'coalesce(effective_applied_ts, ' ~ as_of() ~ ')') }}, 0
                )
        end as late_seconds
    from {{ ref('fct_message') }}
    where is_representative and (coalesce(is_breach, false) or is_failed_now) and event_ts <= {{ as_of() }}
),

named as (
    select
        'order' as object_type,
        order_id as object_key,
        order_id
    from {{ ref('fct_order') }}
    union
    select
        'order' as object_type,
        external_order_key as object_key,
        order_id
    from {{ ref('fct_order') }}
    union
    select
        'shipment' as object_type,
        shipment_id as object_key,
        order_id
    from {{ ref('fct_shipment') }}
    union
    select
        'return' as object_type,
        return_id as object_key,
        split_part(order_line_key, '|', 1) as order_id
    from {{ ref('fct_return_line') }}
),

touched as (
    select
        named.order_id,
        messages.message_id,
        messages.event_ts
    from messages
    inner join named
        on
            messages.object_type = named.object_type
            and messages.object_key = named.object_key
    union all
    select
        lines.order_id,
        messages.message_id,
        messages.event_ts
    from messages
    inner join {{ ref('fct_order_line') }} as lines
        on
            messages.sku = lines.sku
            and messages.event_ts <= lines.order_ts
            and coalesce(messages.effective_applied_ts, {{ as_of() }}) > lines.order_ts
    where
        messages.object_type in ('stock', 'price')
        and (messages.location_id is null or messages.location_id = lines.last_allocated_location_id)
),

earliest as (
    select
        order_id,
        {{ min_by_keys('message_id', ['event_ts', 'message_id']) }} as message_id
    from touched
    group by order_id
),

amounts as (
    select
        order_id,
        sum(case when is_unit_scope then ordered_qty else 0 end) as ordered_qty,
        sum(case when is_in_scope then net_amount end) as net_amount,
        case
            when count(unit_cost_amount) filter (where is_in_scope) = count(*) filter (where is_in_scope)
                then sum(case when is_in_scope then net_amount - unit_cost_amount * priced_qty end)
        end as margin_amount
    from {{ ref('fct_order_line') }}
    group by order_id
),

documents as (
    select
        order_id,
        sum(net_amount + tax_amount) as gross_amount
    from {{ ref('fct_order_document_line') }}
    where document_type in ('invoice', 'receipt')
    group by order_id
)

select
    orders.order_id,
    {{ kpi_order_exclusion() }} as exclusion_reason,
    messages.message_id,
    {{ reporting_date('messages.event_ts') }} as event_date,
    orders.customer_id,
    row_number() over (
        partition by orders.customer_id, {{ kpi_order_exclusion() }} is null
        order by messages.event_ts, messages.message_id, orders.order_id
    ) = 1 as is_first_of_customer,
    messages.late_seconds,
    amounts.ordered_qty,
    amounts.net_amount,
    {{ money('amounts.margin_amount') }} as margin_amount,
    documents.gross_amount,
    messages.process,
    messages.interface,
    orders.channel,
    orders.region,
    orders.source_entity,
    orders._file_digest,
    orders._line
from earliest
inner join messages on earliest.message_id = messages.message_id
inner join {{ ref('fct_order') }} as orders on earliest.order_id = orders.order_id
left join amounts on earliest.order_id = amounts.order_id
left join documents on earliest.order_id = documents.order_id
