-- K58. Grain: one row a measure, promotion that has ended, channel and region of the legal entity: reconciled, or
-- still open.
{% set promotions = ref('int_kpi__discount_close') %}
{% set dims = ['channel', 'region', 'promotion'] %}
{% set taken = seconds_between('ends_ts', 'reconciled_ts') %}
{% set waiting = seconds_between('ends_ts', as_of()) %}
{% set build_date = reporting_date(as_of()) %}
{{ kpi_union([
    kpi_measure(
        'K58', promotions, 'close_key', reporting_date('reconciled_ts'), taken, exclusion=kpi_duration_exclusion(taken),
        dims=dims, where='is_reconciled'
    ),
    kpi_measure(
        'K58.open_age', promotions, 'close_key', build_date, waiting, exclusion=kpi_duration_exclusion(waiting), dims=dims,
        where='not is_reconciled'
    ),
    kpi_measure('K58.open_value', promotions, 'close_key', build_date, 'open_amount', dims=dims, where='not is_reconciled'),
]) }}
