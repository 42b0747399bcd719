-- Grain: one limit of a control for one scope and period of validity. Instants are UTC: a period begins and
-- ends at midnight in the reporting zone, valid_to included.
with limits as (

    select * from {{ ref("control_threshold") }}

)

select
    code,
    parameter,
    scope_type,
    scope_value,
    cast(value as decimal(18, 6)) as threshold_value,
    unit,
    {{ end_of_local_day(add_days("valid_from", -1), reporting_zone()) }} as valid_from_ts,
    coalesce(
        {{ end_of_local_day("valid_to", reporting_zone()) }}, cast('9999-12-31' as timestamp)
    ) as valid_to_ts
from limits
