-- K35. Grain: one row an item at a location at as_of: runs out before more comes or does not, until there is a
-- forecast.
{% set pairs = ref('int_kpi__run_out') %}
{% set dims = ['location', 'region', 'category', 'supplier'] %}
{{ kpi_union([
    kpi_measure(
        'K35', pairs, "location_id || '|' || sku", reporting_date(as_of()), 'case when runs_out then 1 else 0 end', dims=dims
    ),
    kpi_measure(
        'K35.value', pairs, "location_id || '|' || sku", reporting_date(as_of()), 'short_qty * unit_margin_amount',
        exclusion="coalesce(exclusion_reason, case when unit_margin_amount is null then 'no_data:no_margin' end)", dims=dims
    ),
]) }}
