-- Grain: one service case or claim.
select
    cases.case_id,
    cases.order_id,
    cases.line_no,
    {{ line_key('cases.order_id', 'cases.line_no') }} as order_line_key,
    case
        when cases.theme_code in (
            'where_is_my_order', 'damaged', 'defective', 'wrong_item', 'missing_item', 'refund', 'invoice', 'other'
        ) then cases.theme_code
        else 'UNKNOWN'
    end as theme_code,
    cases.is_escalated,
    cases.theme_code = 'where_is_my_order' as is_where_is_my_order,
    cases.theme_code in ('damaged', 'defective', 'wrong_item', 'missing_item') as is_condition_claim,
    cases.opened_ts,
    cases.closed_ts,
    coalesce(orders.channel, {{ mapped_dim('cases.channel_id', 'channels.channel_id') }}) as channel,
    coalesce(orders.region, case when cases.order_id is null then 'NONE' else 'UNKNOWN' end) as region,
    coalesce(orders.order_type, case when cases.order_id is null then 'NONE' else 'UNKNOWN' end) as order_type,
    {{ evidence('customer_case', 'cases') }}
from {{ ref('stg_crm__customer_case') }} as cases
left join {{ ref('fct_order') }} as orders
    on cases.order_id = orders.order_id
left join {{ ref('dim_channel') }} as channels
    on cases.channel_id = channels.channel_id
