-- K29. Grain: one row a measure and stock message. Versions, duplicates and overtaking are settled in fct_message.
{% set dims = ['interface', 'location', 'region'] %}
{% set repeated = "case when not is_representative then 'out:duplicate' end" %}
{% set negative = "case when is_negative_latency then 'no_data:negative_duration' end" %}
{% set not_applied = "case when effective_applied_ts is null then 'out:not_applied' end" %}
{% set no_sla = "case when breach_due_ts is null then 'no_data:no_service_level' end" %}
{% set messages = ref('fct_message') %}
{{ kpi_union([
    kpi_measure(
        'K29', messages, 'message_id', reporting_date('event_ts'), 'latency_seconds',
        exclusion='coalesce(' ~ repeated ~ ', ' ~ not_applied ~ ', ' ~ negative ~ ')', dims=dims, where='is_stock'
    ),
    kpi_measure(
        'K29.breach', messages, 'message_id', reporting_date('coalesce(breach_due_ts, event_ts)'),
        'case when is_breach then 1 else 0 end',
        exclusion='coalesce(' ~ repeated ~ ', ' ~ no_sla ~ ', ' ~ negative ~ ')', dims=dims,
        where='is_stock and coalesce(breach_due_ts, event_ts) <= ' ~ as_of()
    ),
    kpi_measure(
        'K29.open_lag', messages, 'message_id', reporting_date(as_of()), seconds_between('event_ts', as_of()),
        exclusion="case when event_ts > " ~ as_of() ~ " then 'no_data:negative_duration' end", dims=dims,
        where='is_stock and is_representative and effective_applied_ts is null'
    ),
]) }}
