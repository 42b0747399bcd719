-- One row a supplier.
select
    supplier_id,
    supplier_name,
    country_code,
    is_dropship,
    status_code,
    received_ts
from {{ ref('stg_erp__supplier') }}
