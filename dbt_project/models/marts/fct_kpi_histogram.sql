-- Grain: one row a duration measure, period day, value of a stored grouping and log bucket. Percentiles read from it
-- are off by at most 1 %. Groupings overlap: never sum over grouping_name. Created empty; filled like fct_kpi.
{{ config(materialized='table', post_hook=kpi_hooks(histogram=true)) }}
{{ kpi_depends_on(histogram=true) }}

select
    cast(null as string) as kpi_id,
    cast(null as date) as period_date,
    cast(null as string) as grouping_name,
    cast(null as string) as channel,
    cast(null as string) as location,
    cast(null as string) as region,
    cast(null as string) as category,
    cast(null as string) as supplier,
    cast(null as string) as interface,
    cast(null as string) as carrier,
    cast(null as string) as order_type,
    cast(null as string) as stream,
    cast(null as string) as reason,
    cast(null as string) as promotion,
    cast(null as string) as role,
    cast(null as string) as process,
    cast(null as integer) as bucket_index,
    cast(null as bigint) as item_count
where false
