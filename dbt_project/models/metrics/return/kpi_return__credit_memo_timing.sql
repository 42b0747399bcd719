-- K64. Grain: one row a received return line (denominator, on NONE) and one a line in error, by reason.
{% set receipts = ref('int_kpi__credit_memo_check') %}
{% set dims = ['channel', 'location', 'region', 'reason'] %}
{{ kpi_union([
    kpi_measure(
        'K64', receipts, 'return_key', 'due_date', '0', dims=dims, reason="'NONE'", where='due_ts <= ' ~ as_of()
    ),
    kpi_measure(
        'K64', receipts, 'return_key', 'due_date', '1', '0', dims=dims, reason='error_code',
        where='exclusion_reason is null and error_code is not null and due_ts <= ' ~ as_of()
    ),
]) }}
