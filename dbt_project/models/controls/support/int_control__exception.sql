-- Grain: one exception as its control tells it: one episode of a condition on a business key, whatever people did about
-- it. Created empty; a statement of its own for each control model fills it.
{{ config(contract={"enforced": false}, post_hook=exception_hooks()) }}
{{ exception_depends_on() }}

select
    cast(null as string) as exception_id,
    cast(null as string) as code,
    cast(null as string) as exception_name,
    cast(null as string) as category_code,
    cast(null as string) as severity_code,
    cast(null as string) as status_code,
    cast(null as timestamp) as opened_ts,
    cast(null as timestamp) as detected_ts,
    cast(null as timestamp) as due_ts,
    cast(null as timestamp) as closed_ts,
    cast(null as string) as close_reason,
    cast(null as bigint) as reopened_count,
    cast(null as string) as business_key,
    cast(null as string) as opening_key,
    cast(null as string) as order_id,
    cast(null as string) as order_line_key,
    cast(null as string) as sku,
    cast(null as string) as channel,
    cast(null as string) as location,
    cast(null as string) as region,
    cast(null as string) as category,
    cast(null as string) as supplier,
    cast(null as string) as interface,
    cast(null as string) as owner_role,
    cast(null as decimal(18, 2)) as value_at_risk_amount,
    cast(null as decimal(18, 2)) as realised_loss_amount,
    cast(null as decimal(38, 6)) as observed_value,
    cast(null as decimal(38, 6)) as threshold_value,
    cast(null as bigint) as customers_affected,
    cast(null as string) as evidence_entity,
    cast(null as string) as _file_digest,
    cast(null as bigint) as _line,
    cast(null as string) as next_step,
    cast(null as bigint) as sla_seconds,
    cast(null as boolean) as is_event
where false
