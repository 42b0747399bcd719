-- K25. Grain: one row an order line in a shipment, or made ready in a store.
{{ kpi_measure(
    'K25', ref('int_kpi__fulfilment_cost'), 'part_key', 'left_date', 'cost_amount', 'quantity',
    dims=['location', 'region', 'carrier', 'order_type']
) }}
