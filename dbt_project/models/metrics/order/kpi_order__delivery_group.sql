-- K03. Grain: one row a delivery group that is due.
{{ kpi_measure(
    'K03', ref('int_kpi__delivery_group'), 'group_key', 'due_date', 'case when is_kept then 1 else 0 end',
    dims=['channel', 'location', 'region', 'carrier', 'order_type'], where='is_due'
) }}
