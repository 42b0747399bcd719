-- K79. Grain: one row a measure, legal entity and month end. Over several entities the days are weighted by their
-- cost of goods (K79.dso: by their sales).
{% set months = ref('int_kpi__working_capital') %}
{% set dims = ['region'] %}
{% set tied_up = '365 * (inventory_amount + receivable_at_cost_amount - payable_amount)' %}
{{ kpi_union([
    kpi_measure('K79', months, 'month_key', 'balance_date', tied_up, 'cost_amount', dims=dims),
    kpi_measure('K79.dio', months, 'month_key', 'balance_date', '365 * inventory_amount', 'cost_amount', dims=dims),
    kpi_measure('K79.dso', months, 'month_key', 'balance_date', '365 * receivable_amount', 'sales_amount', dims=dims),
    kpi_measure('K79.dpo', months, 'month_key', 'balance_date', '365 * payable_amount', 'cost_amount', dims=dims),
    kpi_measure(
        'K79.inventory', months, 'month_key', 'balance_date', 'inventory_amount',
        exclusion="case when exclusion_reason = 'no_data:no_rate' then exclusion_reason end", dims=dims
    ),
    kpi_measure(
        'K79.marketplace_receivable', months, 'month_key', 'balance_date', 'marketplace_receivable_amount',
        exclusion="case when exclusion_reason = 'no_data:no_rate' then exclusion_reason end", dims=dims
    ),
]) }}
