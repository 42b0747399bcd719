-- K67. Grain: one row a measure and disposed return line; K67.mix has its denominator on NONE and its units by
-- disposition.
{% set lines = ref('int_kpi__return_scope') %}
{% set dims = ['channel', 'location', 'region', 'category'] %}
{{ kpi_union([
    kpi_measure(
        'K67', lines, 'return_key', 'disposed_date', "case when disposition_code = 'restock' then disposed_qty else 0 end",
        'disposed_qty', dims=dims, where='disposed_date is not null'
    ),
    kpi_measure(
        'K67.mix', lines, 'return_key', 'disposed_date', '0', 'disposed_qty', dims=dims + ['reason'], reason="'NONE'",
        where='disposed_date is not null'
    ),
    kpi_measure(
        'K67.mix', lines, 'return_key', 'disposed_date', 'disposed_qty', '0', dims=dims + ['reason'], reason='disposition',
        where='disposed_date is not null and exclusion_reason is null'
    ),
    kpi_measure(
        'K67.days', lines, 'return_key', 'available_date', 'resell_seconds',
        exclusion=kpi_duration_exclusion('resell_seconds'), dims=dims,
        where="available_date is not null and disposition_code = 'restock'"
    ),
]) }}
