-- K32. Grain: one row a transaction of a step (denominator) and one a difference attributed to a step (numerator).
{{ kpi_measure(
    'K32', ref('int_kpi__stock_step'), "process || '|' || item_key", 'event_date', 'error_count', 'step_count',
    dims=['process', 'location', 'region', 'category']
) }}
