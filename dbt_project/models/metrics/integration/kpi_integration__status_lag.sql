-- K26. Grain: one row a shipment; K26.missing once its status is due in the channel.
{% set shipments = ref('int_kpi__status_lag') %}
{% set dims = ['channel', 'interface', 'process'] %}
{{ kpi_union([
    kpi_measure(
        'K26', shipments, 'shipment_id', reporting_date('shipped_ts'), 'lag_seconds',
        exclusion="coalesce(exclusion_reason, case when visible_ts is null then 'out:not_visible' end, "
        ~ kpi_duration_exclusion('lag_seconds') ~ ")", dims=dims
    ),
    kpi_measure(
        'K26.missing', shipments, 'shipment_id', reporting_date('coalesce(due_ts, shipped_ts)'),
        'case when visible_ts <= due_ts then 0 else 1 end', dims=dims,
        where='coalesce(due_ts, shipped_ts) <= ' ~ as_of()
    ),
]) }}
