-- A returned row is a measure and day whose slices by one grouping do not add up to its total, in numerator,
-- denominator or number of items.
with summed as (
    select
        kpi_id,
        period_date,
        grouping_name,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        sum(evaluable_count + excluded_count + no_data_count) as item_count
    from {{ ref('fct_kpi') }}
    group by kpi_id, period_date, grouping_name
)

select
    totals.kpi_id,
    totals.period_date,
    parts.grouping_name
from summed as totals
inner join summed as parts on totals.kpi_id = parts.kpi_id and totals.period_date = parts.period_date
where
    totals.grouping_name = 'total'
    and (
        totals.numerator != parts.numerator
        or totals.denominator != parts.denominator
        or totals.item_count != parts.item_count
    )
