-- K75. Grain: one row a measure and marketplace order line that was paid; for K75.fee one a kind of fee on it; for
-- K75.unsettled one an order line whose payout is past due.
{% set lines = ref('int_kpi__settled_line') %}
{% set dims = ['channel', 'region'] %}
{{ kpi_union([
    kpi_measure('K75', lines, 'settled_key', 'payout_date', 'short_amount', 'expected_amount', dims=dims),
    kpi_measure('K75.over', lines, 'settled_key', 'payout_date', 'over_amount', 'expected_amount', dims=dims),
    kpi_measure(
        'K75.fee', ref('int_kpi__fee_variance'), 'fee_key', 'payout_date', 'charged_amount - scheduled_amount',
        'scheduled_amount', dims=dims + ['reason'], where='payout_date is not null'
    ),
    kpi_measure(
        'K75.days', lines, 'settled_key', 'payout_date', 'payout_seconds',
        exclusion=kpi_duration_exclusion('payout_seconds'), dims=dims
    ),
    kpi_measure(
        'K75.unsettled', ref('int_kpi__unsettled_line'), 'expectation_key', reporting_date(as_of()), 'expected_amount',
        dims=dims
    ),
]) }}
