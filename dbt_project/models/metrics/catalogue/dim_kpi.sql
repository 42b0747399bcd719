-- One row a measure of the catalogue as it stands at as_of, with the target for the whole company. Read kpi_catalog
-- only here.
{{ config(materialized='table', schema='marts') }}

with targets as (
    select * from {{ ref('dim_kpi_target') }}
    where
        scope_type = 'all'
        and valid_from <= {{ reporting_date(as_of()) }}
        and coalesce(valid_to, {{ reporting_date(as_of()) }}) >= {{ reporting_date(as_of()) }}
)

select
    measures.kpi_id,
    measures.kpi_family,
    measures.name,
    measures.formula_text,
    measures.numerator_text,
    measures.denominator_text,
    measures.exclusions_text,
    measures.unit,
    measures.value_kind,
    measures.direction,
    targets.target_value,
    targets.warn_value,
    measures.time_axis,
    measures.time_aggregation,
    measures.grain_code,
    measures.owner_role,
    measures.reviewer_role,
    measures.scor_code,
    measures.status,
    measures.model_name,
    measures.dimensions,
    measures.starred_dimensions,
    measures.required_dimensions,
    measures.groupings,
    measures.has_histogram,
    measures.histogram_groupings,
    measures.final_after_days,
    measures.source_feeds,
    measures.valid_from,
    measures.valid_to,
    {{ reporting_date(as_of()) }} as as_of_date
from {{ ref('kpi_catalog') }} as measures
left join targets on measures.kpi_id = targets.kpi_id
where
    measures.valid_from <= {{ reporting_date(as_of()) }}
    and coalesce(measures.valid_to, {{ reporting_date(as_of()) }}) >= {{ reporting_date(as_of()) }}
