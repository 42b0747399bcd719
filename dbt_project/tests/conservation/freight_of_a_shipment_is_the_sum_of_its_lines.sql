-- A returned row is a kind of freight whose postings do not add up to the costs of the shipments that have lines.
with

costs as (
    select
        costs.cost_type,
        sum({{ money('costs.amount * rates.reporting_rate') }}) as cost_amount
    from (
        select
            *,
            {{ reporting_date('cost_ts') }} as cost_date
        from {{ ref('stg_wms__shipment_cost') }}
        where cost_ts <= {{ as_of() }}
    ) as costs
    inner join {{ ref('int_finance__daily_rate') }} as rates
        on
            costs.currency_code = rates.currency_code
            and costs.cost_date = rates.rate_date
    where costs.shipment_id in (
        select shipped.shipment_id
        from {{ ref('int_order__parcel_line') }} as shipped
        inner join {{ ref('fct_order_line') }} as lines
            on shipped.order_line_key = lines.order_line_key
        where not lines.is_test
    )
    group by costs.cost_type
),

posted as (
    select
        detail_code as cost_type,
        -sum(amount) as posted_amount
    from {{ ref('fct_contribution') }}
    where step_code = 'freight'
    group by detail_code
)

select
    coalesce(costs.cost_type, posted.cost_type) as cost_type,
    costs.cost_amount,
    posted.posted_amount
from costs
full outer join posted
    on costs.cost_type = posted.cost_type
where coalesce(costs.cost_amount, 0) <> coalesce(posted.posted_amount, 0)
