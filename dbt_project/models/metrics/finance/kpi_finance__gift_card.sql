-- K77. Grain: one row a measure, legal entity and day of the ledger.
{% set days = ref('int_kpi__gift_card_balance') %}
{{ kpi_union([
    kpi_measure('K77', days, 'balance_key', 'balance_date', 'abs(break_amount)', 'closing_amount', dims=['region']),
    kpi_measure('K77.amount', days, 'balance_key', 'balance_date', 'abs(break_amount)', dims=['region']),
]) }}
