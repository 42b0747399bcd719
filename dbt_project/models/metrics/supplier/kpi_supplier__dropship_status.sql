-- K91. Grain: one row an order line of a drop-ship supplier whose last status is due.
{{ kpi_measure(
    'K91', ref('int_kpi__dropship_status'), 'order_line_key', reporting_date('last_due_ts'),
    'case when is_complete then 1 else 0 end', dims=['supplier', 'channel', 'region'], where='last_due_ts <= ' ~ as_of()
) }}
