-- One row a promotion.
select
    promotion_id,
    promotion_name,
    promotion_type,
    starts_ts,
    ends_ts,
    status_code,
    approved_ts,
    received_ts
from {{ ref('stg_erp__promotion') }}
