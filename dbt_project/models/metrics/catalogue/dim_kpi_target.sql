-- One row a target of a measure for one scope and period of validity, both ends included. Read kpi_target only here.
{{ config(materialized='table', schema='marts') }}

select
    kpi_id,
    scope_type,
    scope_value,
    cast(target_value as decimal(18, 6)) as target_value,
    cast(warn_value as decimal(18, 6)) as warn_value,
    valid_from,
    valid_to
from {{ ref('kpi_target') }}
