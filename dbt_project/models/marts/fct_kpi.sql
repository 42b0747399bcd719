-- Grain: one row a measure, period day and value of a stored grouping. Groupings overlap: never sum over
-- grouping_name. Divide only when reading. Created empty; a statement of its own for each metric model fills it.
{{ config(materialized='table', post_hook=kpi_hooks()) }}
{{ kpi_depends_on() }}

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
    cast(null as decimal(38, 6)) as numerator,
    cast(null as decimal(38, 6)) as denominator,
    cast(null as bigint) as evaluable_count,
    cast(null as bigint) as excluded_count,
    cast(null as bigint) as no_data_count,
    cast(null as bigint) as row_count
where false
