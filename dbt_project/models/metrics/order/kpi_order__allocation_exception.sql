-- K09. Grain: one row an allocation attempt that ended (denominator, on NONE) and one an attempt that ended without
-- what was asked (numerator, by its result).
{% set dims = ['channel', 'region', 'order_type', 'reason'] %}
with attempts as (
    select
        attempts.*,
        {{ reporting_date('attempts.attempted_ts') }} as attempted_date,
        case when orders.is_test then 'out:test' end as exclusion_reason,
        case when attempts.result_code <> 'ALLOCATED' then attempts.result_code end as failure
    from {{ ref('fct_allocation_attempt') }} as attempts
    left join {{ ref('fct_order') }} as orders on attempts.order_id = orders.order_id
    where attempts.result_code is not null
)

{{ kpi_union([
    kpi_measure('K09', 'attempts', 'attempt_id', 'attempted_date', '0', dims=dims, reason="'NONE'"),
    kpi_measure(
        'K09', 'attempts', 'attempt_id', 'attempted_date', '1', '0', dims=dims, reason='failure',
        where='failure is not null and exclusion_reason is null'
    ),
]) }}
