-- One row an item at a location at the build's instant (K35): days for which what is available lasts, and days until
-- more comes: the first open order or transfer on its way, without one the supplier's lead time.
with

inbound as (
    select
        location_id,
        sku,
        min(due_date) as due_date
    from (
        select
            location_id,
            sku,
            coalesce(new_date, committed_date, original_commit_date) as due_date
        from {{ ref('fct_purchase_order_line') }}
        where open_qty > 0 and coalesce(last_ack_type, 'none') <> 'rejected'
        union all
        select
            to_location_id as location_id,
            sku,
            due_date
        from {{ ref('fct_transfer_line') }}
        where shipped_ts <= {{ as_of() }} and coalesce(completed_ts > {{ as_of() }}, true)
    ) as expected
    group by location_id, sku
),

lead_times as (
    select
        sku,
        min(lead_time_days) as lead_time_days
    from {{ ref('stg_erp__supplier_item') }}
    group by sku
),

pairs as (
    select
        cover.*,
        case
            when inbound.due_date is null then lead_times.lead_time_days
            else greatest({{ days_between(reporting_date(as_of()), 'inbound.due_date') }}, 0)
        end as wait_days,
        cast(products.list_price_amount - cover.unit_cost_amount as decimal(18, 4)) as unit_margin_amount
    from {{ ref('int_kpi__cover') }} as cover
    left join inbound
        on
            cover.location_id = inbound.location_id
            and cover.sku = inbound.sku
    left join lead_times on cover.sku = lead_times.sku
    left join {{ ref('dim_product') }} as products on cover.sku = products.sku
)

select
    location_id,
    sku,
    available_qty,
    daily_demand_qty,
    wait_days,
    unit_margin_amount,
    case
        when in_stock_day_count = 0 then 'no_data:never_in_stock'
        when wait_days is null then 'no_data:no_lead_time'
    end as exclusion_reason,
    case when in_stock_day_count > 0 then sold_qty * wait_days > available_qty * in_stock_day_count end as runs_out,
    cast(
        case
            when wait_days is not null and in_stock_day_count > 0
                then greatest(
                    {{ decimal_of('cast(sold_qty * wait_days as double) / in_stock_day_count', 18, 6) }}
                    - available_qty,
                    0
                )
        end as decimal(26, 6)
    ) as short_qty,
    location,
    region,
    category,
    supplier,
    source_entity,
    _file_digest,
    _line
from pairs
