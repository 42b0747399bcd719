-- K44. Grain: one row a measure and active reservation, on the day of the build.
{% set rows = ref('int_kpi__reservation_fault') %}
{% set dims = ['location', 'region', 'channel'] %}
{% set build_date = reporting_date(as_of()) %}
{{ kpi_union([
    kpi_measure(
        'K44', rows, 'reservation_id', build_date, 'case when is_expired or is_beyond_need then 1 else 0 end', dims=dims
    ),
    kpi_measure('K44.duplicate', rows, 'reservation_id', build_date, 'case when is_beyond_need then 1 else 0 end', dims=dims),
    kpi_measure('K44.expired', rows, 'reservation_id', build_date, 'case when is_expired then 1 else 0 end', dims=dims),
]) }}
