-- One row an order line with a promise in force when it was complete (not complete: at the build's instant): the
-- last one issued.
with

candidates as (
    select
        progress.order_line_key,
        promises.promise_version,
        promises.promise_earliest_ts,
        promises.promise_latest_ts,
        row_number() over (
            partition by progress.order_line_key order by promises.issued_ts desc, promises.promise_version desc
        ) as choice
    from {{ ref('stg_oms__promise') }} as promises
    inner join {{ ref('int_order__line_progress') }} as progress
        on
            promises.order_id = progress.order_id
            and promises.line_no = progress.line_no
    where promises.issued_ts < coalesce(progress.actual_ts, {{ as_of() }})
)

select
    order_line_key,
    promise_version as current_promise_version,
    promise_earliest_ts as current_promise_earliest_ts,
    promise_latest_ts as current_promise_latest_ts
from candidates
where choice = 1
