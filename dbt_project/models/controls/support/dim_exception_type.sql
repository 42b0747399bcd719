-- Grain: one type of exception for one period of validity. Instants are UTC: a period begins and ends at
-- midnight in the reporting zone, valid_to included.
with catalog as (

    select * from {{ ref("exception_catalog") }}

)

select
    code,
    name as exception_name,
    category as category_code,
    title,
    owner_role,
    sla_hours,
    severity_rule,
    min_severity,
    order_class as is_order_class,
    is_event,
    opens_text,
    closes_text,
    runbook_text,
    model_name,
    {{ end_of_local_day(add_days("valid_from", -1), reporting_zone()) }} as valid_from_ts,
    coalesce(
        {{ end_of_local_day("valid_to", reporting_zone()) }}, cast('9999-12-31' as timestamp)
    ) as valid_to_ts
from catalog
