-- Grain: one row a supplier. The table has no date of change: the first day of the data stands for it.
select
    _file_digest,
    _line,
    cast(SupplierID as varchar) as supplier_id,
    SupplierName as supplier_name,
    false as is_dropship,
    'active' as status_code,
    timestamp '2013-01-01 08:00:00' as updated_ts
from {{ suppliers }}
