-- Grain: one line of a transfer order between locations. Units add up over lines; shipped and received are the same
-- units twice.
select
    transfers.transfer_id,
    transfers.line_no,
    transfers.sku,
    transfers.from_location_id,
    transfers.to_location_id,
    transfers.ordered_qty,
    transfers.shipped_qty,
    transfers.received_qty,
    case
        when transfers.status_code = 'open' then greatest(transfers.ordered_qty - transfers.shipped_qty, 0) else 0
    end as committed_out_qty,
    transfers.created_ts,
    transfers.shipped_ts,
    transfers.completed_ts,
    transfers.status_code,
    -- without a day of the lane two days are its service level
    coalesce(transfers.due_date, {{ add_days(reporting_date('transfers.shipped_ts'), 2) }}) as due_date,
    {{ money('transfers.cost_amount * rates.reporting_rate') }} as cost_amount,
    costs.unit_cost_amount,
    coalesce(transfers.carrier_id, 'NONE') as carrier,
    {{ mapped_dim('transfers.to_location_id', 'locations.location_id') }} as location,
    coalesce(locations.region, 'UNKNOWN') as region,
    coalesce(products.category, 'UNKNOWN') as category,
    {{ evidence('transfer_line', 'transfers') }}
from (
    select
        *,
        {{ reporting_date('shipped_ts') }} as shipped_date
    from {{ ref('stg_erp__transfer_line') }}
) as transfers
left join {{ ref('dim_location') }} as locations
    on transfers.to_location_id = locations.location_id
left join {{ ref('dim_product') }} as products
    on transfers.sku = products.sku
left join {{ ref('int_finance__daily_rate') }} as rates
    on
        transfers.currency_code = rates.currency_code
        and transfers.shipped_date = rates.rate_date
left join {{ ref('dim_item_cost') }} as costs
    on
        transfers.sku = costs.sku
        and transfers.shipped_date >= costs.valid_from_date
        and transfers.shipped_date < costs.valid_to_date
