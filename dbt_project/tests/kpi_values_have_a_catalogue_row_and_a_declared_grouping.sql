-- A returned row is a measure of fct_kpi that the catalogue does not list, or a grouping that the measure does not
-- declare.
select distinct
    facts.kpi_id,
    facts.grouping_name
from {{ ref('fct_kpi') }} as facts
left join {{ ref('dim_kpi') }} as measures on facts.kpi_id = measures.kpi_id
where
    measures.kpi_id is null
    or '|' || measures.groupings || '|' not like '%|' || facts.grouping_name || '|%'
