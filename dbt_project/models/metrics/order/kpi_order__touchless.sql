-- K15. Grain: one row an order closed.
with touched as (
    select distinct order_id
    from {{ ref('fct_order_event') }}
    where is_intervention
),

closed_orders as (
    select
        orders.*,
        coalesce(
            {{ kpi_order_exclusion() }},
            case when not evidence.has_human_event then 'no_data:no_evidence_of_people' end
        ) as exclusion_reason,
        {{ reporting_date('orders.closed_ts') }} as closed_date,
        touched.order_id is not null as is_touched
    from {{ ref('fct_order') }} as orders
    left join touched on orders.order_id = touched.order_id
    cross join {{ ref('int_kpi__evidence') }} as evidence
    where orders.is_closed
)

{{ kpi_measure(
    'K15', 'closed_orders', 'order_id', 'closed_date', 'case when is_touched then 0 else 1 end',
    dims=['channel', 'location', 'region', 'order_type']
) }}
