-- K33. Grain: one row an item at a location at as_of, by the rule without history, until there are predictions.
{{ kpi_measure(
    'K33', ref('int_kpi__stock_trust'), "location_id || '|' || sku", reporting_date(as_of()), 'trust_share',
    dims=['location', 'region', 'category']
) }}
