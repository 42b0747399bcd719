-- K82. Grain: one row an operational event that requires a journal and is older than 24 hours.
{{ kpi_measure(
    'K82', ref('int_kpi__posting_check'), 'event_key', reporting_date('due_ts'),
    'case when is_posted then 1 else 0 end',
    dims=['channel', 'region', 'stream', 'process'], where='due_ts <= ' ~ as_of()
) }}
