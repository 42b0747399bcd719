-- K14. Grain: one row an order closed (denominator), and one an order and kind of intervention over its life
-- (numerator, by reason).
{% set dims = ['channel', 'location', 'region', 'order_type', 'reason'] %}
with closed_orders as (
    select
        orders.*,
        coalesce(
            {{ kpi_order_exclusion() }},
            case when not evidence.has_human_event then 'no_data:no_evidence_of_people' end
        ) as exclusion_reason,
        {{ reporting_date('orders.closed_ts') }} as period_date,
        'NONE' as reason
    from {{ ref('fct_order') }} as orders
    cross join {{ ref('int_kpi__evidence') }} as evidence
    where orders.is_closed
),

interventions as (
    select
        events.event_id,
        events.event_type as reason,
        orders.exclusion_reason,
        orders.period_date,
        orders.channel,
        orders.location,
        orders.region,
        orders.order_type,
        events.source_entity,
        events._file_digest,
        events._line
    from {{ ref('fct_order_event') }} as events
    inner join closed_orders as orders on events.order_id = orders.order_id
    where events.is_intervention
)

{{ kpi_union([
    kpi_measure('K14', 'closed_orders', 'order_id', 'period_date', '0', dims=dims),
    kpi_measure(
        'K14', 'interventions', 'event_id', 'period_date', '1', '0', dims=dims, where='exclusion_reason is null'
    ),
]) }}
