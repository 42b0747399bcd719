-- K86. Grain: one row a purchase-order line whose original commit and two days of grace have passed.
{{ kpi_measure(
    'K86', ref('int_kpi__supplier_delivery'), 'po_line_key', 'grace_date', 'filled_qty', 'ordered_qty',
    dims=['supplier', 'location', 'region', 'category'], where='is_grace_over'
) }}
