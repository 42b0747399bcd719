-- Codes that arrived without a meaning in their contract.
select
    entity,
    column_name,
    code,
    rows as seen,
    first_received_ts
from unknown_code
order by seen desc, entity, column_name, code
