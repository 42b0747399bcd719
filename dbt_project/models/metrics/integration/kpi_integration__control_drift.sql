-- K103. Grain: one row a measure, interface, business object and day with control totals.
{% set cuts = ref('int_kpi__control_drift') %}
{% set dims = ['interface', 'process'] %}
{{ kpi_union([
    kpi_measure('K103', cuts, 'cut_key', 'cut_date', 'drift_count', 'abs(source_count)', dims=dims),
    kpi_measure(
        'K103.qty', cuts, 'cut_key', 'cut_date', 'drift_qty', 'abs(source_qty)',
        exclusion="coalesce(exclusion_reason, case when drift_qty is null then 'no_data:one_side' end)", dims=dims,
        where='source_qty is not null'
    ),
    kpi_measure(
        'K103.value', cuts, 'cut_key', 'cut_date', 'drift_amount', 'abs(source_amount)',
        exclusion="coalesce(exclusion_reason, case when is_flying then 'no_data:value_on_its_way' "
        ~ "when drift_amount is null then 'no_data:no_value' end)", dims=dims, where='has_value'
    ),
]) }}
