-- One row a location, category and day since the location's opening balance, up to the day before the build: owned
-- stock at its close and goods sold less goods that came back, all at cost. A change of cost revalues what is there.
with

movements as (
    select
        movements.location_id,
        movements.sku,
        movements.event_date,
        movements.quantity,
        movements.movement_type,
        costs.unit_cost_amount
    from (
        select
            *,
            {{ reporting_date('event_ts') }} as event_date
        from {{ ref('fct_stock_movement') }}
    ) as movements
    inner join {{ ref('dim_item_cost') }} as costs
        on
            movements.sku = costs.sku
            and movements.event_date >= costs.valid_from_date
            and movements.event_date < costs.valid_to_date
    where movements.location_id in (
        select location_id
        from {{ ref('fct_stock_movement') }}
        where movement_type = 'opening'
    )
),

revaluations as (
    select
        costs.sku,
        costs.valid_from_date as event_date,
        costs.unit_cost_amount - former.unit_cost_amount as rise_amount
    from {{ ref('dim_item_cost') }} as costs
    inner join {{ ref('dim_item_cost') }} as former
        on
            costs.sku = former.sku
            and costs.valid_from_date = former.valid_to_date
),

changes as (
    select
        location_id,
        sku,
        event_date,
        quantity * unit_cost_amount as value_amount,
        case when movement_type in ('sale', 'ship', 'collect', 'return') then -quantity * unit_cost_amount else 0 end
            as sold_cost_amount
    from movements

    union all

    select
        movements.location_id,
        movements.sku,
        revaluations.event_date,
        sum(movements.quantity) * revaluations.rise_amount as value_amount,
        0 as sold_cost_amount
    from revaluations
    inner join movements
        on
            revaluations.sku = movements.sku
            and revaluations.event_date > movements.event_date
    group by movements.location_id, movements.sku, revaluations.event_date, revaluations.rise_amount
),

by_day as (
    select
        changes.location_id,
        coalesce(products.category, 'UNKNOWN') as category,
        changes.event_date,
        sum(changes.value_amount) as value_amount,
        sum(changes.sold_cost_amount) as sold_cost_amount
    from changes
    left join {{ ref('dim_product') }} as products on changes.sku = products.sku
    group by changes.location_id, coalesce(products.category, 'UNKNOWN'), changes.event_date
),

days as (
    select
        firsts.location_id,
        firsts.category,
        dates.date_day
    from (
        select
            location_id,
            category,
            min(event_date) as first_date
        from by_day
        group by location_id, category
    ) as firsts
    inner join {{ ref('dim_date') }} as dates
        on
            firsts.first_date <= dates.date_day
            and dates.date_day < {{ reporting_date(as_of()) }}
)

select
    days.location_id,
    days.category,
    days.date_day,
    cast(sum(coalesce(by_day.value_amount, 0)) over (
        partition by days.location_id, days.category order by days.date_day rows unbounded preceding
    ) as decimal(28, 4)) as closing_amount,
    cast(coalesce(by_day.sold_cost_amount, 0) as decimal(28, 4)) as sold_cost_amount
from days
left join by_day
    on
        days.location_id = by_day.location_id
        and days.category = by_day.category
        and days.date_day = by_day.event_date
