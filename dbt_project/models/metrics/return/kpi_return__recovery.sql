-- K66. Grain: one row a disposed return line; reason is its disposition.
{{ kpi_measure(
    'K66', ref('int_kpi__return_recovery'), 'return_key', 'disposed_date', 'recovered_amount', 'sold_net_amount',
    dims=['channel', 'location', 'region', 'category', 'supplier', 'reason']
) }}
