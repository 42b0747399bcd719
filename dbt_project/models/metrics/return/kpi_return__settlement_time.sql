-- K62. Grain: one row a measure and return line.
{% set lines = ref('int_kpi__return_scope') %}
{% set dims = ['channel', 'location', 'region', 'category', 'reason'] %}
{{ kpi_union([
    kpi_measure(
        'K62', lines, 'return_key', 'refund_settled_date', 'settlement_seconds',
        exclusion=kpi_duration_exclusion('settlement_seconds'), dims=dims, where='is_accepted and refund_settled_date is not null'
    ),
    kpi_measure(
        'K62.credit_memo', lines, 'return_key', 'credit_memo_posted_date', 'credit_memo_seconds',
        exclusion="coalesce(case when is_refund_without_return then 'out:refund_without_return' end, "
            ~ kpi_duration_exclusion('credit_memo_seconds') ~ ")",
        dims=dims, where='credit_memo_posted_date is not null'
    ),
    kpi_measure(
        'K62.open_age', lines, 'return_key', reporting_date(as_of()), seconds_between('initiated_ts', as_of()),
        exclusion=kpi_duration_exclusion(seconds_between('initiated_ts', as_of())), dims=dims, where='is_open'
    ),
]) }}
