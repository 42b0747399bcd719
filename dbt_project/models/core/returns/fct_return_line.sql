-- Grain: one line of a return. Units add up over lines that are not withdrawn; refund amounts are those of the
-- line's refunds.
with

credited as (
    select
        {{ line_key('return_id', 'return_line_no') }} as return_key,
        min(posted_ts) as credit_memo_posted_ts
    from {{ ref('stg_erp__customer_document_line') }}
    where document_type = 'credit_memo' and return_id is not null
    group by return_id, return_line_no
)

select
    sales.return_key,
    returns.return_id,
    returns.line_no,
    sales.order_line_key,
    sales.transaction_line_key,
    returns.sku,
    returns.quantity,
    returns.initiated_ts,
    returns.status_code,
    case
        when returns.reason_code is null then 'NONE'
        when returns.reason_code in (
            'changed_mind', 'damaged', 'defective', 'wrong_item', 'missing_item', 'too_late', 'wrong_size', 'other'
        ) then returns.reason_code
        else 'UNKNOWN'
    end as reason_code,
    returns.status_code in ('withdrawn', 'expired') as is_withdrawn,
    returns.is_refund_without_return,
    returns.status_code = 'accepted'
    or stages.accepted_inspection_ts is not null
    or (
        refunds.refund_settled_ts is not null
        and returns.status_code <> 'refused'
        and coalesce(stages.inspection_result_code, 'accepted') <> 'refused'
    ) as is_accepted,
    sales.sale_ts is not null as has_known_sale,
    sales.sale_ts,
    sales.sale_completed_ts,
    returns.in_transit_ts,
    stages.goods_received_ts,
    stages.goods_received_known_ts,
    coalesce(stages.received_qty, 0) as received_qty,
    stages.inspected_ts,
    stages.inspected_known_ts,
    stages.inspection_result_code,
    stages.condition_code,
    stages.accepted_inspection_ts,
    stages.disposed_ts,
    stages.disposition_code,
    coalesce(stages.disposed_qty, 0) as disposed_qty,
    stages.available_ts,
    {{ cumulative_part('sales.sold_net_amount', 'least(returns.quantity, sales.sold_qty)', '0', 'sales.sold_qty') }}
        as sold_net_amount,
    {{ cumulative_part(
        'sales.sold_net_amount + sales.sold_tax_amount', 'least(returns.quantity, sales.sold_qty)', '0', 'sales.sold_qty'
    ) }} as sold_gross_amount,
    refunds.first_refund_ts,
    refunds.first_refund_known_ts,
    refunds.last_refund_ts,
    refunds.refund_settled_ts,
    refunds.refund_reclaimed_ts,
    refunds.refund_amount,
    refunds.refund_gross_amount,
    coalesce(refunds.refund_count, 0) as refund_count,
    credited.credit_memo_posted_ts,
    coalesce(policies.requires_inspection, false) as requires_inspection,
    policies.return_window_days,
    coalesce(returns.reason_code in ('damaged', 'defective', 'wrong_item', 'missing_item'), false)
        as is_condition_claim,
    sales.sold_location,
    {{ mapped_dim('returns.return_channel_id', 'channels.channel_id') }} as return_channel,
    sales.channel,
    {{ mapped_dim(
        'coalesce(stages.received_location_id, returns.return_location_id)', 'locations.location_id'
    ) }} as location,
    sales.region,
    coalesce(products.category, 'UNKNOWN') as category,
    coalesce(products.supplier, 'UNKNOWN') as supplier,
    sales.order_type,
    case
        when returns.reason_code is null then 'NONE'
        when returns.reason_code in (
            'changed_mind', 'damaged', 'defective', 'wrong_item', 'missing_item', 'too_late', 'wrong_size', 'other'
        ) then returns.reason_code
        else 'UNKNOWN'
    end as reason,
    {{ evidence('return_line', 'returns') }}
from {{ ref('stg_oms__return_line') }} as returns
inner join {{ ref('int_returns__sale') }} as sales
    on
        returns.return_id = sales.return_id
        and returns.line_no = sales.line_no
left join {{ ref('int_returns__stage') }} as stages
    on sales.return_key = stages.return_key
left join {{ ref('int_returns__refund_total') }} as refunds
    on sales.return_key = refunds.return_key
left join {{ ref('int_returns__policy') }} as policies
    on sales.return_key = policies.return_key
left join credited
    on sales.return_key = credited.return_key
left join {{ ref('dim_product') }} as products
    on returns.sku = products.sku
left join {{ ref('dim_location') }} as locations
    on coalesce(stages.received_location_id, returns.return_location_id) = locations.location_id
left join {{ ref('dim_channel') }} as channels
    on returns.return_channel_id = channels.channel_id
