-- K47. Grain: one row a measure and transfer line past the day of its lane.
{% set lines = ref('int_kpi__transfer') %}
{% set dims = ['location', 'region', 'category'] %}
{% set past = 'due_date < ' ~ reporting_date(as_of()) %}
{{ kpi_union([
    kpi_measure(
        'K47', lines, 'transfer_key', 'due_date', 'abs(shipped_qty - received_qty)', 'shipped_qty', dims=dims, where=past
    ),
    kpi_measure(
        'K47.phantom', lines, 'transfer_key', reporting_date(as_of()), '(shipped_qty - received_qty) * unit_cost_amount',
        exclusion="coalesce(exclusion_reason, case when unit_cost_amount is null then 'no_data:no_cost' end)", dims=dims,
        where=past ~ ' and shipped_qty > received_qty'
    ),
]) }}
