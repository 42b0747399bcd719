-- Grain: one row a measure, period day and value of a stored grouping. Groupings overlap: never sum over
-- grouping_name. Divide only when reading. Created empty; a statement of its own for each metric model fills it.
{{ config(materialized='table', post_hook=kpi_hooks()) }}
{{ kpi_depends_on() }}

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
    cast(null as decimal(38, 6)) as numerator,
    cast(null as decimal(38, 6)) as denominator,
    cast(null as bigint) as evaluable_count,
    cast(null as bigint) as excluded_count,
    cast(null as bigint) as no_data_count,
    cast(null as bigint) as row_count
where false
