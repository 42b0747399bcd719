-- One row a reconciliation stream and interval of validity, first and last day included.
select
    stream_code,
    stream_name,
    reference_text,
    other_text,
    cast(sla_days as bigint) as sla_days,
    cast(tolerance_amount as decimal(18, 2)) as tolerance_amount,
    cast(tolerance_share as decimal(9, 6)) as tolerance_share,
    owner_role,
    valid_from as valid_from_date,
    coalesce(valid_to, cast('9999-12-31' as date)) as valid_to_date
from {{ ref('reconciliation_stream') }}
