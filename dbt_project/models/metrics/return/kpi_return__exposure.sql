-- K65. Grain: one row a measure and open return line; each is in one state, so that the states add up to K65.
{% set lines = ref('int_kpi__return_scope') %}
{% set dims = ['channel', 'location', 'region', 'category'] %}
{% set unknown = "coalesce(exclusion_reason, case when exposed_amount is null then 'no_data:unknown_value' end)" %}
{{ kpi_union([
    kpi_measure(
        'K65', lines, 'return_key', reporting_date(as_of()), 'exposed_amount', exclusion=unknown, dims=dims,
        where='exposure_state is not null'
    ),
    kpi_measure(
        'K65.refunded_not_received', lines, 'return_key', reporting_date(as_of()), 'exposed_amount', exclusion=unknown,
        dims=dims, where="exposure_state = 'refunded_not_received'"
    ),
    kpi_measure(
        'K65.received_not_refunded', lines, 'return_key', reporting_date(as_of()), 'exposed_amount', exclusion=unknown,
        dims=dims, where="exposure_state = 'received_not_refunded'"
    ),
    kpi_measure(
        'K65.initiated', lines, 'return_key', reporting_date(as_of()), 'exposed_amount', exclusion=unknown, dims=dims,
        where="exposure_state = 'initiated'"
    ),
    kpi_measure(
        'K65.not_credited', lines, 'return_key', reporting_date(as_of()), 'exposed_amount', exclusion=unknown, dims=dims,
        where="exposure_state = 'not_credited'"
    ),
]) }}
