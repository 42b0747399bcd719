-- One row a delivery group: the lines of an order with one method and one window of the first promise (K03). A line is
-- kept when all its units were delivered or ready in the window and no parcel failed at its first attempt through the
-- carrier's fault; what the customer was absent for or refused counts as brought at that attempt.
{{ config(materialized='view') }}

with parcels as (
    select
        shipped.order_line_key,
        sum(shipped.shipped_qty) filter (
            where
            shipped.first_attempt_code = 'made'
            and shipped.first_attempt_ts <= lines.first_promise_latest_ts
            and coalesce(shipped.first_attempt_ts >= lines.first_promise_earliest_ts, true)
        ) as brought_qty,
        bool_or(coalesce(shipped.first_attempt_code = 'failed', false)) as has_failed_attempt
    from {{ ref('fct_shipment_line') }} as shipped
    inner join {{ ref('fct_order_line') }} as lines on shipped.order_line_key = lines.order_line_key
    where not shipped.is_cancelled and not shipped.is_replacement
    group by shipped.order_line_key
),

judged as (
    select
        lines.*,
        promises.exclusion_reason,
        promises.is_due,
        promises.due_date,
        case
            when coalesce(parcels.has_failed_attempt, false) then false
            when coalesce(parcels.brought_qty >= lines.obliged_qty, false) then true
            else promises.outcome_code = 'kept'
        end as is_kept,
        coalesce(lines.actual_ts, cast('1970-01-01' as timestamp)) as completed_order_ts
    from {{ ref('fct_order_line') }} as lines
    inner join {{ ref('int_kpi__promise_outcome') }} as promises on lines.order_line_key = promises.order_line_key
    left join parcels on lines.order_line_key = parcels.order_line_key
)

select
    order_id || '|' || fulfilment_method_code || '|' || {{ control_instant('first_promise_earliest_ts') }}
    || '|' || {{ control_instant('first_promise_latest_ts') }} as group_key,
    order_id,
    case when count(*) filter (where exclusion_reason is null) = 0 then min(exclusion_reason) end as exclusion_reason,
    bool_and(is_due) as is_due,
    max(due_date) as due_date,
    bool_and(is_kept) filter (where exclusion_reason is null) as is_kept,
    min(channel) as channel,
    {{ max_by_keys('location', ['completed_order_ts', 'order_line_key']) }} as location,
    min(region) as region,
    {{ max_by_keys('carrier', ['completed_order_ts', 'order_line_key']) }} as carrier,
    case when min(order_type) = max(order_type) then min(order_type) else 'mixed' end as order_type,
    min(source_entity) as source_entity,
    {{ min_by_keys('_file_digest', ['order_line_key']) }} as _file_digest,
    {{ min_by_keys('_line', ['order_line_key']) }} as _line
from judged
group by order_id, fulfilment_method_code, first_promise_earliest_ts, first_promise_latest_ts
