-- K08. Grain: one row an order created (denominator) and one an order with its first exception, or a service case
-- (numerator, by reason). Retracted exceptions and those closed as no issue are false alarms and do not count.
{% set dims = ['channel', 'region', 'order_type', 'reason'] %}
with orders as (
    select
        orders.*,
        coalesce(
            {{ kpi_order_exclusion() }},
            case when not evidence.has_order_control then 'no_data:no_order_control' end
        ) as exclusion_reason,
        coalesce(
            {{ kpi_order_exclusion() }},
            case when not evidence.has_customer_case then 'no_data:no_customer_cases' end
        ) as case_exclusion_reason,
        {{ reporting_date('orders.order_ts') }} as period_date,
        {{ add_seconds('orders.order_ts', 30 * 86400) }} as final_ts,
        'NONE' as reason
    from {{ ref('fct_order') }} as orders
    cross join {{ ref('int_kpi__evidence') }} as evidence
),

ranked_exceptions as (
    select
        exceptions.order_id,
        exceptions.code as reason,
        exceptions.evidence_entity as source_entity,
        exceptions._file_digest,
        exceptions._line,
        orders.period_date,
        orders.channel,
        orders.region,
        orders.order_type,
        orders.exclusion_reason,
        row_number() over (
            partition by exceptions.order_id order by exceptions.opened_ts, exceptions.exception_id
        ) as exception_rank
    from {{ ref('fct_exception') }} as exceptions
    inner join {{ ref('dim_exception_type') }} as types
        on
            exceptions.code = types.code
            and types.is_order_class
            and exceptions.opened_ts >= types.valid_from_ts
            and exceptions.opened_ts < types.valid_to_ts
    inner join orders on exceptions.order_id = orders.order_id
    where
        exceptions.status_code != 'retracted'
        and coalesce(exceptions.close_reason, '') != 'NOT_AN_ISSUE'
        and exceptions.opened_ts <= orders.final_ts
),

escalations as (
    select
        cases.case_id,
        cases.theme_code as reason,
        cases.source_entity,
        cases._file_digest,
        cases._line,
        orders.period_date,
        orders.channel,
        orders.region,
        orders.order_type,
        orders.case_exclusion_reason
    from {{ ref('fct_customer_case') }} as cases
    inner join orders on cases.order_id = orders.order_id
    where (cases.is_escalated or cases.is_where_is_my_order) and cases.opened_ts <= orders.final_ts
)

{{ kpi_union([
    kpi_measure('K08', 'orders', 'order_id', 'period_date', '0', dims=dims),
    kpi_measure(
        'K08', 'ranked_exceptions', 'order_id', 'period_date', '1', '0', dims=dims,
        where='exception_rank = 1 and exclusion_reason is null'
    ),
    kpi_measure(
        'K08.escalations', 'orders', 'order_id', 'period_date', '0',
        exclusion='case_exclusion_reason', dims=dims
    ),
    kpi_measure(
        'K08.escalations', 'escalations', 'case_id', 'period_date', '1', '0', exclusion='cast(null as string)', dims=dims,
        where='case_exclusion_reason is null'
    ),
]) }}
