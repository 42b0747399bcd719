-- One row a location, category and ended month (K40): goods sold at cost in the 365 days to its end and the mean of the
-- owned stock at the close of the same days; of a shorter history as much as there is, carried to 365 days.
{{ config(materialized='view') }}

with days as (
    select
        *,
        count(*) over of_a_year as day_count,
        sum(sold_cost_amount) over of_a_year as sold_cost_year_amount,
        sum(closing_amount) over of_a_year as closing_sum_amount
    from {{ ref('int_stock__value_day') }}
    window of_a_year as (
        partition by location_id, category order by date_day rows between 364 preceding and current row
    )
)

select
    days.location_id || '|' || days.category || '|' || cast(days.date_day as string) as month_key,
    days.date_day as month_end_date,
    days.day_count,
    {{ decimal_of('cast(days.sold_cost_year_amount as double) * 365e0 / days.day_count', 28, 6) }} as sold_cost_amount,
    {{ decimal_of('cast(days.closing_sum_amount as double) / days.day_count', 28, 6) }} as mean_stock_amount,
    case when days.day_count < 28 then 'no_data:short_history' end as exclusion_reason,
    {{ mapped_dim('days.location_id', 'locations.location_id') }} as location,
    coalesce(locations.region, 'UNKNOWN') as region,
    days.category,
    'inventory_movement' as source_entity,
    cast(null as string) as _file_digest,
    cast(null as bigint) as _line
from days
left join {{ ref('dim_location') }} as locations
    on days.location_id = locations.location_id
where extract(day from {{ add_days('days.date_day', 1) }}) = 1
