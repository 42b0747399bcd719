-- K81. Grain: one row a cost of a shipment that left (denominator, on NONE), and one a premium over the planned service
-- (numerator, by its cause).
{% set dims = ['location', 'region', 'supplier', 'carrier', 'reason'] %}
with costs as (
    select
        *,
        concat_ws('|', shipment_id, cost_type) as cost_key,
        {{ reporting_date('shipped_ts') }} as shipped_date,
        case when amount is null then 'no_data:no_rate' end as exclusion_reason,
        'NONE' as supplier
    from {{ ref('fct_shipment_cost') }}
    where shipment_status_code <> 'cancelled'
)

{{ kpi_union([
    kpi_measure('K81', 'costs', 'cost_key', 'shipped_date', '0', 'amount', dims=dims, reason="'NONE'"),
    kpi_measure(
        'K81', 'costs', 'cost_key', 'shipped_date', 'amount', '0', dims=dims, reason="coalesce(reason_code, 'UNKNOWN')",
        where="cost_type = 'premium' and exclusion_reason is null"
    ),
]) }}
