-- K23. Grain: one row a pickup order whose last day of holding has passed.
{{ kpi_measure(
    'K23', ref('int_kpi__pickup_order'), 'order_id', 'hold_until_date', 'case when is_uncollected then 1 else 0 end',
    dims=['channel', 'location', 'region'], where='hold_until_ts <= ' ~ as_of()
) }}
