-- K30. Grain: one row a measure, pair of item and location, and system compared with the system of record, at the
-- last cut of the day. Stock: never to be summed over time.
{% set pairs = '(' ~ pairs_of_last_cuts() ~ ') as pairs' %}
{% set dims = ['interface', 'location', 'region', 'category'] %}
{{ kpi_union([
    kpi_measure('K30', pairs, 'pair_key', 'cut_date', 'case when is_mismatch then 1 else 0 end', dims=dims),
    kpi_measure(
        'K30.value', pairs, 'pair_key', 'cut_date', 'abs(difference_qty) * unit_cost_amount', 'abs(gross_qty_a) * unit_cost_amount',
        exclusion="coalesce(exclusion_reason, case when unit_cost_amount is null then 'no_data:no_cost' end)", dims=dims
    ),
]) }}
