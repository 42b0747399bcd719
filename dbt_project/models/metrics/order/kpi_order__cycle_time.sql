-- K05. Grain: one row a measure and order; stages only where the order passes through them. Stage durations add up to
-- K05.
{% set orders = ref('int_kpi__order_stage') %}
{% set dims = ['channel', 'location', 'region', 'order_type'] %}
{% set measures = [kpi_measure(
    'K05', orders, 'order_id', 'completed_date', 'cycle_seconds', exclusion=kpi_duration_exclusion('cycle_seconds'), dims=dims,
    where='is_completed'
)] %}
{% for stage, passes in [
    ('release', 'true'), ('allocate', 'true'), ('pick', 'true'), ('pack', 'true'),
    ('ship', 'has_delivery'), ('deliver', 'has_delivery'), ('collect', 'has_pickup')
] %}
    {% do measures.append(kpi_measure(
        'K05.' ~ stage, orders, 'order_id', 'completed_date', stage ~ '_seconds',
        exclusion=kpi_duration_exclusion(stage ~ '_seconds'), dims=dims,
        where='is_completed' ~ ('' if passes == 'true' else ' and ' ~ passes)
    )) %}
{% endfor %}
{% do measures.append(kpi_measure(
    'K05.open_age', orders, 'order_id', reporting_date(as_of()), seconds_between('order_ts', as_of()),
    exclusion='coalesce(open_exclusion_reason, ' ~ kpi_duration_exclusion(seconds_between('order_ts', as_of())) ~ ')', dims=dims,
    where='not is_closed and not is_completed'
)) %}
{{ kpi_union(measures) }}
