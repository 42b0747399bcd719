-- K63. Grain: one row a refund of a return line.
{{ kpi_measure(
    'K63', ref('int_kpi__refund_scope'), 'refund_id', 'refund_date', 'case when is_before_inspection then 1 else 0 end',
    dims=['channel', 'location', 'region', 'category']
) }}
