-- The values that each declared dimension of a measure takes, those with most items first; for the filter.
select
    grouping_name as dimension,
    coalesce(channel, location, region, category, supplier, interface, carrier, order_type, stream, reason, promotion, role, process)
        as slice,
    sum(evaluable_count) as items
from fct_kpi
where kpi_id = $kpi_id and grouping_name <> 'total' and not contains(grouping_name, '+')
group by all
order by dimension, items desc, slice
