-- Grain: one version of the promise of an order line. Nothing here is summed.
select
    {{ line_key('promises.order_id', 'promises.line_no') }} as order_line_key,
    promises.promise_version,
    promises.order_id,
    promises.line_no,
    promises.issued_ts,
    promises.promise_earliest_ts,
    promises.promise_latest_ts,
    promises.basis_code,
    promises.requested_by_code,
    coalesce(promises.promise_version = first_promises.first_promise_version, false) as is_first,
    coalesce(promises.promise_version = current_promises.current_promise_version, false) as is_current,
    {{ evidence('promise', 'promises') }}
from {{ ref('stg_oms__promise') }} as promises
left join {{ ref('int_order__first_promise') }} as first_promises
    on {{ line_key('promises.order_id', 'promises.line_no') }} = first_promises.order_line_key
left join {{ ref('int_order__current_promise') }} as current_promises
    on {{ line_key('promises.order_id', 'promises.line_no') }} = current_promises.order_line_key
