-- One row a return line with the days, units and durations of the return KPIs (K60 to K69). cohort_qty is what counts
-- in the cohort of its sale: initiated within 30 days of a sale whose 30 days are over, and together never more units
-- than were sold.
with returns as (
    select
        lines.*,
        coalesce(lines.order_line_key, lines.transaction_line_key) as sale_key,
        case when not products.is_goods then 'out:not_goods' end as exclusion_reason,
        coalesce(locations.location_type = 'store', false) as is_in_store,
        case when locations.location_type = 'store' then lines.goods_received_ts else lines.initiated_ts end
            as started_ts
    from {{ ref('fct_return_line') }} as lines
    left join {{ ref('dim_location') }} as locations on lines.location = locations.location_id
    left join {{ ref('dim_product') }} as products on lines.sku = products.sku
),

cohort as (
    select
        returns.return_key,
        returns.quantity,
        sales.quantity as sold_qty,
        sales.sold_date,
        sum(returns.quantity) over (
            partition by returns.sale_key order by returns.initiated_ts, returns.return_key
            rows between unbounded preceding and current row
        ) as returned_upto_qty
    from returns
    inner join {{ ref('int_kpi__sold_unit') }} as sales
        on returns.sale_key = sales.sale_key and sales.is_mature and sales.exclusion_reason is null
    where
        not returns.is_withdrawn
        and returns.initiated_ts <= {{ add_seconds('sales.sold_ts', 30 * 86400) }}
        and returns.exclusion_reason is null
)

select
    returns.return_key,
    cast(
        least(cohort.returned_upto_qty, cohort.sold_qty)
        - least(cohort.returned_upto_qty - cohort.quantity, cohort.sold_qty) as bigint
    ) as cohort_qty,
    returns.received_qty,
    returns.exclusion_reason,
    returns.is_accepted,
    returns.is_refund_without_return,
    returns.refund_settled_ts is null
    and not returns.is_withdrawn
    and returns.status_code <> 'refused'
    and coalesce(returns.inspection_result_code, '') <> 'refused' as is_open,
    cohort.sold_date,
    {{ reporting_date('returns.goods_received_ts') }} as goods_received_date,
    {{ reporting_date('returns.refund_settled_ts') }} as refund_settled_date,
    {{ reporting_date('returns.credit_memo_posted_ts') }} as credit_memo_posted_date,
    {{ seconds_between('returns.initiated_ts', 'returns.refund_settled_ts') }} as settlement_seconds,
    {{ seconds_between('returns.goods_received_ts', 'returns.credit_memo_posted_ts') }} as credit_memo_seconds,
    returns.initiated_ts,
    {{ reporting_date('returns.disposed_ts') }} as disposed_date,
    {{ reporting_date('returns.inspected_ts') }} as inspected_date,
    {{ reporting_date('returns.available_ts') }} as available_date,
    returns.is_in_store,
    returns.started_ts,
    {{ seconds_between('returns.started_ts', 'returns.disposed_ts') }} as cycle_seconds,
    case when not returns.is_in_store then {{ seconds_between('returns.started_ts', 'returns.in_transit_ts') }} end
        as carrier_seconds,
    case
        when not returns.is_in_store then {{ seconds_between('returns.in_transit_ts', 'returns.goods_received_ts') }}
    end as receive_seconds,
    {{ seconds_between('returns.goods_received_ts', 'returns.inspected_ts') }} as inspect_seconds,
    {{ seconds_between('returns.inspected_ts', 'returns.disposed_ts') }} as dispose_seconds,
    {{ seconds_between('returns.goods_received_ts', 'returns.available_ts') }} as resell_seconds,
    returns.disposed_ts,
    returns.disposed_qty,
    returns.disposition_code,
    coalesce(returns.disposition_code, 'UNKNOWN') as disposition,
    returns.quantity,
    returns.has_known_sale,
    returns.channel <> returns.return_channel as is_other_channel,
    returns.sold_location <> returns.location as is_other_location,
    case
        when returns.reason_code in ('damaged', 'defective', 'wrong_item', 'missing_item') then returns.reason_code
        when returns.reason_code in ('NONE', 'UNKNOWN') then null
        else 'customer'
    end as stated_class,
    case
        when returns.condition_code in ('damaged', 'defective', 'wrong_item') then returns.condition_code
        when returns.condition_code in ('new', 'opened') then 'customer'
    end as inspected_class,
    coalesce(returns.refund_gross_amount, returns.sold_gross_amount) as exposed_amount,
    case
        when returns.is_withdrawn or returns.status_code = 'refused' then null
        when coalesce(returns.inspection_result_code, '') = 'refused' then null
        when returns.refund_count > 0 and returns.goods_received_ts is null
            then case when not returns.is_refund_without_return then 'refunded_not_received' end
        when returns.refund_count > 0 and returns.credit_memo_posted_ts is null then 'not_credited'
        when returns.refund_count > 0 then null
        when returns.goods_received_ts is not null then 'received_not_refunded'
        else 'initiated'
    end as exposure_state,
    returns.channel,
    returns.location,
    returns.region,
    returns.category,
    returns.supplier,
    returns.order_type,
    returns.reason,
    returns.source_entity,
    returns._file_digest,
    returns._line
from returns
left join cohort on returns.return_key = cohort.return_key
