-- Grain: one row a duration measure, period day, value of a stored grouping and log bucket. Percentiles read from it
-- are off by at most 1 %. Groupings overlap: never sum over grouping_name. Created empty; filled like fct_kpi.
{{ config(materialized='table', post_hook=kpi_hooks(histogram=true)) }}
{{ kpi_depends_on(histogram=true) }}

select
    cast(null as varchar) as kpi_id,
    cast(null as date) as period_date,
    cast(null as varchar) as grouping_name,
    cast(null as varchar) as channel,
    cast(null as varchar) as location,
    cast(null as varchar) as region,
    cast(null as varchar) as category,
    cast(null as varchar) as supplier,
    cast(null as varchar) as interface,
    cast(null as varchar) as carrier,
    cast(null as varchar) as order_type,
    cast(null as varchar) as stream,
    cast(null as varchar) as reason,
    cast(null as varchar) as promotion,
    cast(null as varchar) as role,
    cast(null as varchar) as process,
    cast(null as integer) as bucket_index,
    cast(null as bigint) as item_count
where false
