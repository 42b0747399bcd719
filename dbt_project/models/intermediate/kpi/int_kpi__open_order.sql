-- One row an order with units that are neither delivered, ready for pickup nor cancelled (K06): what they are worth and
-- until when they were promised. A kit is one line, which has its price and its promise.
{{ config(materialized='view') }}

with open_lines as (
    select
        order_id,
        sum({{ cumulative_part('net_amount', 'open_qty', '0', 'priced_qty') }}) as open_amount,
        count(*) filter (where net_amount is null) as unpriced_count,
        max(first_promise_latest_ts) as promise_latest_ts
    from {{ ref('fct_order_line') }}
    where is_in_scope and open_qty > 0
    group by order_id
)

select
    orders.order_id,
    {{ kpi_order_exclusion() }} as exclusion_reason,
    case when not evidence.has_delivery then 'no_data:no_delivery_evidence' end as open_exclusion_reason,
    orders.order_ts,
    case when lines.unpriced_count = 0 then lines.open_amount end as open_amount,
    lines.promise_latest_ts,
    orders.channel,
    orders.location,
    orders.region,
    orders.order_type,
    orders.source_entity,
    orders._file_digest,
    orders._line
from {{ ref('fct_order') }} as orders
inner join open_lines as lines on orders.order_id = lines.order_id
cross join {{ ref('int_kpi__evidence') }} as evidence
