-- K68. Grain: one row an inspected return line. Classes: damaged, defective, wrong item, missing item, and the
-- customer's own reasons; the inspection finds goods that are new or only opened of the last class.
{{ kpi_measure(
    'K68', ref('int_kpi__return_scope'), 'return_key', 'inspected_date',
    'case when stated_class = inspected_class then 1 else 0 end',
    exclusion="coalesce(exclusion_reason, case when stated_class is null then 'no_data:no_stated_reason'"
        ~ " when inspected_class is null then 'no_data:no_inspected_condition' end)",
    dims=['channel', 'category', 'reason'], where='inspected_date is not null'
) }}
