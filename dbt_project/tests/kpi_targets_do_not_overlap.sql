-- A returned row is a measure and scope for which two targets are in force on one day: the door could not choose.
select
    earlier.kpi_id,
    earlier.scope_type,
    earlier.scope_value,
    later.valid_from
from {{ ref('dim_kpi_target') }} as earlier
inner join {{ ref('dim_kpi_target') }} as later
    on
        earlier.kpi_id = later.kpi_id
        and earlier.scope_type = later.scope_type
        and earlier.scope_value = later.scope_value
        and earlier.valid_from < later.valid_from
where earlier.valid_to is null or earlier.valid_to >= later.valid_from
