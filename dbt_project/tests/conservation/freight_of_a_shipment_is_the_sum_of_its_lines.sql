-- A returned row is a kind of freight whose postings do not add up to the costs of the shipments of which every line is
-- known: until its order has come, a line's share of the freight cannot be posted.
with

known as (
    select shipped.shipment_id
    from {{ ref('int_order__parcel_line') }} as shipped
    left join {{ ref('fct_order_line') }} as lines
        on shipped.order_line_key = lines.order_line_key
    group by shipped.shipment_id
    having count(lines.order_line_key) = count(*) and bool_or(not lines.is_test)
),

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
    where costs.shipment_id in (select shipment_id from known)
    group by costs.cost_type
),

posted as (
    select
        detail_code as cost_type,
        -sum(amount) as posted_amount
    from {{ ref('fct_contribution') }}
    where step_code = 'freight' and split_part(contribution_id, '|', 2) in (select shipment_id from known)
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
