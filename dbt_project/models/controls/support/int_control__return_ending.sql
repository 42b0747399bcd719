-- Grain: one return line. When it was decided, given up and disposed of, when its credit memo was posted, and when each
-- was first known: the latest version of a return forgets when it was accepted, and the fact does not tell when these
-- were received.
{{ config(contract={"enforced": false}) }}

with versions as (

    select
        {{ line_key("return_id", "line_no") }} as return_key,
        min(updated_ts) filter (where status_code in ('accepted', 'refused')) as decided_ts,
        min(received_ts) filter (where status_code in ('accepted', 'refused')) as decided_known_ts,
        min(updated_ts) filter (where status_code in ('withdrawn', 'expired')) as given_up_ts,
        min(received_ts) filter (where status_code in ('withdrawn', 'expired')) as given_up_known_ts
    from {{ source("raw", "return_line") }}
    group by return_id, line_no

),

disposals as (

    select
        {{ line_key("return_id", "line_no") }} as return_key,
        max(first_received_ts) as disposed_known_ts
    from {{ ref("stg_wms__return_event") }}
    where event_type = 'disposed'
    group by return_id, line_no

),

memos as (

    select
        {{ line_key("return_id", "return_line_no") }} as return_key,
        {{ min_by_keys("received_ts", ["posted_ts", "document_id", "line_no"]) }} as credit_memo_known_ts
    from {{ ref("stg_erp__customer_document_line") }}
    where document_type = 'credit_memo' and return_id is not null and posted_ts is not null
    group by return_id, return_line_no

)

select
    versions.return_key,
    versions.decided_ts,
    versions.decided_known_ts,
    versions.given_up_ts,
    versions.given_up_known_ts,
    disposals.disposed_known_ts,
    memos.credit_memo_known_ts
from versions
left join disposals on versions.return_key = disposals.return_key
left join memos on versions.return_key = memos.return_key
