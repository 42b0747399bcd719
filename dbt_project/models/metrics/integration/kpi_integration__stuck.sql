-- K99.dlq, K99.backlog. Grain: one row a message that is dead-lettered, or received and not applied, on the day of the
-- build.
{% set messages = ref('fct_message') %}
{% set dims = ['interface', 'process'] %}
{% set build_date = reporting_date(as_of()) %}
{% set always = 'cast(null as string)' %}
{{ kpi_union([
    kpi_measure(
        'K99.dlq', messages, 'message_id', build_date, '1', exclusion=always, dims=dims, where="status_code = 'dead_lettered'"
    ),
    kpi_measure(
        'K99.backlog', messages, 'message_id', build_date, '1', exclusion=always, dims=dims,
        where='receipt_no is not null and applied_ts is null and not is_failed_now and is_representative'
        ~ ' and effective_applied_ts is null'
    ),
]) }}
