-- K02. Grain: one row a measure and order line whose promise is due. Kept, early and late add up to the lines due.
{% set lines = ref('int_kpi__promise_outcome') %}
{% set dims = ['channel', 'location', 'region', 'category', 'carrier', 'order_type'] %}
{{ kpi_union([
    kpi_measure(
        'K02', lines, 'order_line_key', 'due_date', "case when outcome_code = 'kept' then 1 else 0 end", dims=dims, where='is_due'
    ),
    kpi_measure(
        'K02.early', lines, 'order_line_key', 'due_date', "case when outcome_code = 'early' then 1 else 0 end", dims=dims,
        where='is_due'
    ),
    kpi_measure(
        'K02.late', lines, 'order_line_key', 'due_date', "case when outcome_code = 'late' then 1 else 0 end", dims=dims,
        where='is_due'
    ),
    kpi_measure(
        'K02.current', lines, 'order_line_key', 'current_due_date', "case when current_outcome_code = 'kept' then 1 else 0 end",
        dims=dims, where='is_current_due'
    ),
    kpi_measure('K02.slip', lines, 'order_line_key', 'due_date', 'slip_seconds', dims=dims, where='is_due'),
    kpi_measure(
        'K02.lateness', lines, 'order_line_key', 'due_date', 'lateness_seconds',
        exclusion="coalesce(exclusion_reason, case when lateness_seconds is null then 'out:not_delivered' end)", dims=dims,
        where="is_due and (outcome_code = 'late' or exclusion_reason is not null)"
    ),
]) }}
