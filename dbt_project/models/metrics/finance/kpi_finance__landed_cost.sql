-- K80. Grain: one row a measure and received purchase-order line (denominator, on NONE), and for K80 one a component
-- of its cost (numerator, by component).
{% set lines = ref('int_kpi__landed_cost') %}
{% set dims = ['location', 'region', 'category', 'supplier'] %}
{{ kpi_union([
    kpi_measure(
        'K80', lines, 'po_line_key', 'receipt_date', '0', 'line_standard_amount', dims=dims + ['reason'],
        reason="'NONE'", where='is_first'
    ),
    kpi_measure(
        'K80', lines, 'po_line_key', 'receipt_date', 'variance_amount', '0', dims=dims + ['reason'],
        where='exclusion_reason is null and variance_amount <> 0'
    ),
    kpi_measure(
        'K80.abs', lines, 'po_line_key', 'receipt_date', 'abs(line_variance_amount)', 'line_standard_amount', dims=dims,
        where='is_first'
    ),
]) }}
