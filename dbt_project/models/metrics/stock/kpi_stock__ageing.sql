-- K39. Grain: one row a layer of stock on hand at as_of, by first in, first out.
with layers as (
    select
        *,
        case when unit_cost_amount is null then 'no_data:no_cost' end as exclusion_reason,
        {{ days_between('since_date', reporting_date(as_of())) }} > 90 as is_aged
    from {{ ref('fct_stock_layer') }}
)

{{ kpi_measure(
    'K39', 'layers', 'layer_key', reporting_date(as_of()), 'case when is_aged then quantity * unit_cost_amount else 0 end',
    'quantity * unit_cost_amount', dims=['location', 'region', 'category', 'supplier']
) }}
