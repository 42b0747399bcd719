-- Grain: one exception: one episode of a condition on a business key. Values at risk of different codes may
-- be the same money: do not sum them over codes. Created empty; a statement of its own for each control
-- model fills it.
{{ config(materialized='table', post_hook=exception_hooks()) }}
{{ exception_depends_on() }}

select
    cast(null as varchar) as exception_id,
    cast(null as varchar) as code,
    cast(null as varchar) as exception_name,
    cast(null as varchar) as category_code,
    cast(null as varchar) as severity_code,
    cast(null as varchar) as status_code,
    cast(null as timestamp) as opened_ts,
    cast(null as timestamp) as detected_ts,
    cast(null as timestamp) as due_ts,
    cast(null as timestamp) as closed_ts,
    cast(null as varchar) as close_reason,
    cast(null as bigint) as reopened_count,
    cast(null as varchar) as business_key,
    cast(null as varchar) as opening_key,
    cast(null as varchar) as order_id,
    cast(null as varchar) as order_line_key,
    cast(null as varchar) as sku,
    cast(null as varchar) as channel,
    cast(null as varchar) as location,
    cast(null as varchar) as region,
    cast(null as varchar) as category,
    cast(null as varchar) as supplier,
    cast(null as varchar) as interface,
    cast(null as varchar) as owner_role,
    cast(null as decimal(18, 2)) as value_at_risk_amount,
    cast(null as decimal(18, 2)) as realised_loss_amount,
    cast(null as decimal(38, 6)) as observed_value,
    cast(null as decimal(38, 6)) as threshold_value,
    cast(null as bigint) as customers_affected,
    cast(null as varchar) as evidence_entity,
    cast(null as varchar) as _file_digest,
    cast(null as bigint) as _line,
    cast(null as varchar) as incident_id,
    cast(null as varchar) as superseded_by,
    cast(null as varchar) as next_step
where false
