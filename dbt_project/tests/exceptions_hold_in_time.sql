-- A returned row is an exception that closed before it opened, was detected before it opened, is due before it was
-- detected, or has ended at no instant.
select
    exception_id,
    code,
    opened_ts,
    detected_ts,
    due_ts,
    closed_ts
from {{ ref("fct_exception") }}
where
    closed_ts < opened_ts
    or detected_ts < opened_ts
    or due_ts < detected_ts
    or (closed_ts is null and status_code <> 'open')
