-- One row an item at a location at the build's instant (K36): what is available to fulfil and what was sold a day over
-- the days in stock among the last 28, its unconstrained demand.
with

windows as (
    select
        {{ add_days(reporting_date(as_of()), -28) }} as first_date,
        {{ reporting_date(as_of()) }} as end_date
),

in_stock as (
    select
        ranged.location_id,
        ranged.sku,
        count(*) as day_count
    from ({{ ranged_days() }}) as ranged
    cross join windows
    where not ranged.is_stock_out and windows.first_date <= ranged.date_day and ranged.date_day < windows.end_date
    group by ranged.location_id, ranged.sku
),

sold as (
    select
        sales.location_id,
        sales.sku,
        sum(sales.quantity) as sold_qty
    from {{ ref('fct_sold_day') }} as sales
    cross join windows
    left join {{ ref('fct_stock_out') }} as outs
        on
            sales.location_id = outs.location_id
            and sales.sku = outs.sku
            and sales.sale_date = outs.date_day
    where
        windows.first_date <= sales.sale_date
        and sales.sale_date < windows.end_date
        and not coalesce(outs.is_stock_out, false)
    group by sales.location_id, sales.sku
)

select
    stock.location_id,
    stock.sku,
    greatest(stock.atf_qty, 0) as available_qty,
    coalesce(sold.sold_qty, 0) as sold_qty,
    coalesce(in_stock.day_count, 0) as in_stock_day_count,
    costs.unit_cost_amount,
    {{ decimal_of(
        'cast(coalesce(sold.sold_qty, 0) as double) / nullif(in_stock.day_count, 0)', 18, 6
    ) }} as daily_demand_qty,
    stock.location,
    stock.region,
    stock.category,
    stock.supplier,
    stock.source_entity,
    stock._file_digest,
    stock._line
from {{ ref('fct_available_to_sell') }} as stock
left join in_stock
    on
        stock.location_id = in_stock.location_id
        and stock.sku = in_stock.sku
left join sold
    on
        stock.location_id = sold.location_id
        and stock.sku = sold.sku
left join {{ ref('dim_item_cost') }} as costs
    on
        stock.sku = costs.sku
        and {{ reporting_date(as_of()) }} >= costs.valid_from_date
        and {{ reporting_date(as_of()) }} < costs.valid_to_date
