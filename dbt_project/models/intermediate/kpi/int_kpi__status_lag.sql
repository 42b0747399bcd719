-- One row a shipment: when it left, and when its dispatch was visible in the system of the order's channel (K26). The
-- interface is that of the message, or the one that leads there; a channel without such an interface cannot be judged.
with

interfaces as (
    select
        target_system,
        {{ min_by_keys('interface_id', ['interface_id']) }} as interface_id
    from {{ ref('dim_interface') }}
    where object_type = 'shipment'
    group by target_system
),

messages as (
    select
        messages.business_key,
        interfaces.target_system,
        min(messages.effective_applied_ts) as visible_ts,
        min(messages.interface_id) as interface_id
    from {{ ref('fct_message') }} as messages
    inner join {{ ref('dim_interface') }} as interfaces on messages.interface_id = interfaces.interface_id
    where messages.object_type = 'shipment'
    group by messages.business_key, interfaces.target_system
),

shipments as (
    select
        shipments.*,
        orders.is_test,
        case channels.channel_type
            when 'web' then 'ecommerce'
            when 'marketplace' then 'marketplace'
            when 'store' then 'pos'
        end as target_system
    from {{ ref('fct_shipment') }} as shipments
    inner join {{ ref('fct_order') }} as orders on shipments.order_id = orders.order_id
    left join {{ ref('dim_channel') }} as channels on orders.channel_id = channels.channel_id
    where shipments.status_code <> 'cancelled'
),

lags as (
    select
        shipments.*,
        messages.visible_ts,
        coalesce(messages.interface_id, interfaces.interface_id) as interface_id
    from shipments
    left join messages
        on
            shipments.shipment_id = messages.business_key
            and shipments.target_system = messages.target_system
    left join interfaces on shipments.target_system = interfaces.target_system
)

select
    lags.shipment_id,
    case
        when lags.is_test then 'out:test'
        when lags.interface_id is null then 'no_data:no_interface'
    end as exclusion_reason,
    lags.shipped_ts,
    lags.visible_ts,
    {{ seconds_between('lags.shipped_ts', 'lags.visible_ts') }} as lag_seconds,
    {{ add_seconds('lags.shipped_ts', 'known.sla_seconds') }} as due_ts,
    lags.channel,
    {{ dim('lags.interface_id') }} as interface,
    {{ dim('known.process_code') }} as process,
    lags.source_entity,
    lags._file_digest,
    lags._line
from lags
left join {{ ref('dim_interface') }} as known on lags.interface_id = known.interface_id
