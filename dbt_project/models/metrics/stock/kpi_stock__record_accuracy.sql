-- K31. Grain: one row a measure and first count; K31.plan one row an item due for counting.
{% set counts = ref('fct_cycle_count') %}
{% set dims = ['location', 'region', 'category'] %}
{% set always = 'cast(null as string)' %}
{% set cost = "case when unit_cost_amount is null then 'no_data:no_cost' end" %}
{{ kpi_union([
    kpi_measure(
        'K31', counts, 'count_id', 'count_date', 'case when difference_qty = 0 then 1 else 0 end', exclusion=always, dims=dims,
        where='count_no = 1'
    ),
    kpi_measure(
        'K31.net', counts, 'count_id', 'count_date', 'difference_qty * unit_cost_amount', 'book_qty * unit_cost_amount',
        exclusion=cost, dims=dims, where='count_no = 1'
    ),
    kpi_measure(
        'K31.abs', counts, 'count_id', 'count_date', 'abs(difference_qty) * unit_cost_amount', 'book_qty * unit_cost_amount',
        exclusion=cost, dims=dims, where='count_no = 1'
    ),
    kpi_measure(
        'K31.plan', ref('fct_count_plan'), "concat_ws('|', location_id, sku, cast(due_date as string))", 'due_date',
        'case when counted_ts is not null then 1 else 0 end', exclusion=always, dims=dims,
        where='due_date < ' ~ reporting_date(as_of())
    ),
]) }}
