-- K16. Grain: one row a measure and order line.
{% set lines = ref('int_kpi__backorder') %}
{% set dims = ['channel', 'region', 'category', 'supplier'] %}
{{ kpi_union([
    kpi_measure('K16', lines, 'order_line_key', 'order_date', 'backordered_qty', 'ordered_qty', dims=dims),
    kpi_measure(
        'K16.age', lines, 'order_line_key', reporting_date(as_of()), seconds_between('backordered_ts', as_of()),
        exclusion=kpi_duration_exclusion(seconds_between('backordered_ts', as_of())), dims=dims, where='is_open'
    ),
]) }}
