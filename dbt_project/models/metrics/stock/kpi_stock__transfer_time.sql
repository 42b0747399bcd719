-- K46. Grain: one row a measure and transfer line that was shipped. The location is the destination.
{% set lines = ref('int_kpi__transfer') %}
{% set dims = ['location', 'region', 'carrier', 'category'] %}
{{ kpi_union([
    kpi_measure(
        'K46', lines, 'transfer_key', 'completed_date', 'lead_seconds', exclusion=kpi_duration_exclusion('lead_seconds'),
        dims=dims, where='completed_ts is not null'
    ),
    kpi_measure(
        'K46.open_age', lines, 'transfer_key', reporting_date(as_of()), seconds_between('shipped_ts', as_of()),
        exclusion=kpi_duration_exclusion(seconds_between('shipped_ts', as_of())), dims=dims, where='completed_ts is null'
    ),
    kpi_measure(
        'K46.late', lines, 'transfer_key', 'due_date', 'case when is_late then 1 else 0 end', dims=dims,
        where='due_date < ' ~ reporting_date(as_of())
    ),
    kpi_measure(
        'K46.cost', lines, 'transfer_key', 'completed_date', 'cost_amount', 'received_qty',
        exclusion="coalesce(exclusion_reason, case when cost_amount is null then 'no_data:no_cost' end)", dims=dims,
        where='completed_ts is not null'
    ),
]) }}
