-- Grain: one item at a location and issue of its forecast: owned units on hand and on the way then, and what the
-- forecast expects a day. Only pairs whose stock or range could matter to E37a or E37b: at some time worth the least
-- limit, or with a last day of their range.
{{ config(contract={"enforced": false}) }}

with limits as (

    select min(threshold_value) as least_amount
    from {{ ref("dim_control_threshold") }}
    where code = 'E37a' and parameter = 'value'

),

costs as (

    select
        sku,
        max(unit_cost_amount) as unit_cost_amount
    from {{ ref("dim_item_cost") }}
    group by sku

),

stocked as (

    select
        location_id,
        sku,
        max(balance_qty) as quantity
    from {{ ref("int_stock__balance") }}
    group by location_id, sku
    union all
    select
        to_location_id as location_id,
        sku,
        max(shipped_qty) as quantity
    from {{ ref("fct_transfer_line") }}
    group by to_location_id, sku

),

dear as (

    select
        stocked.location_id,
        stocked.sku
    from stocked
    inner join costs on stocked.sku = costs.sku
    cross join limits
    group by stocked.location_id, stocked.sku
    having sum(stocked.quantity) * max(costs.unit_cost_amount) >= max(limits.least_amount)

),

ending as (

    select
        location_id,
        sku,
        max(valid_to) as last_date
    from {{ ref("int_stock__range_interval") }}
    group by location_id, sku
    having max(valid_to) < cast('9999-12-31' as date)

),

pairs as (

    select
        location_id,
        sku
    from dear
    union
    select
        location_id,
        sku
    from ending

),

forecasts as (

    select
        forecasts.location_id,
        forecasts.sku,
        forecasts.issued_ts,
        sum(forecasts.forecast_qty) as forecast_qty,
        count(distinct forecasts.week_start_date) as week_count,
        min(forecasts.first_received_ts) as known_ts,
        {{ min_by_keys("forecasts._file_digest", ["forecasts._file_digest", "forecasts._line"]) }} as _file_digest,
        {{ min_by_keys("forecasts._line", ["forecasts._file_digest", "forecasts._line"]) }} as _line
    from {{ ref("stg_erp__demand_forecast") }} as forecasts
    inner join pairs on forecasts.location_id = pairs.location_id and forecasts.sku = pairs.sku
    where forecasts.issued_ts <= {{ as_of() }}
    group by forecasts.location_id, forecasts.sku, forecasts.issued_ts

),

changes as (

    select
        movements.location_id,
        movements.sku,
        movements.event_ts,
        movements.quantity as on_hand_change,
        0 as transit_change
    from {{ ref("fct_stock_movement") }} as movements
    inner join pairs on movements.location_id = pairs.location_id and movements.sku = pairs.sku
    union all
    select
        transfers.to_location_id as location_id,
        transfers.sku,
        transfers.shipped_ts as event_ts,
        0 as on_hand_change,
        transfers.shipped_qty as transit_change
    from {{ ref("fct_transfer_line") }} as transfers
    inner join pairs on transfers.to_location_id = pairs.location_id and transfers.sku = pairs.sku
    where transfers.shipped_ts is not null
    union all
    select
        transfers.to_location_id as location_id,
        transfers.sku,
        transfers.completed_ts as event_ts,
        0 as on_hand_change,
        -transfers.shipped_qty as transit_change
    from {{ ref("fct_transfer_line") }} as transfers
    inner join pairs on transfers.to_location_id = pairs.location_id and transfers.sku = pairs.sku
    where transfers.shipped_ts is not null and transfers.completed_ts is not null
    union all
    select
        location_id,
        sku,
        issued_ts as event_ts,
        0 as on_hand_change,
        0 as transit_change
    from forecasts

),

instants as (

    select
        location_id,
        sku,
        event_ts,
        sum(on_hand_change) as on_hand_change,
        sum(transit_change) as transit_change
    from changes
    group by location_id, sku, event_ts

),

balances as (

    select
        location_id,
        sku,
        event_ts,
        {{ whole("sum(on_hand_change) over upto") }} as on_hand_qty,
        {{ whole("sum(transit_change) over upto") }} as in_transit_qty
    from instants
    window upto as (
        partition by location_id, sku order by event_ts rows between unbounded preceding and current row
    )

)

select
    forecasts.location_id,
    forecasts.sku,
    forecasts.issued_ts,
    {{ reporting_date("forecasts.issued_ts") }} as issued_date,
    balances.on_hand_qty,
    balances.in_transit_qty,
    {{ decimal_of("cast(forecasts.forecast_qty as double) / (7 * forecasts.week_count)", 18, 6) }} as daily_qty,
    ending.last_date,
    case
        when coverage.known_ts is not null then greatest(forecasts.issued_ts, forecasts.known_ts, coverage.known_ts)
    end as known_ts,
    coalesce(coverage.is_overdue, true) as is_overdue,
    forecasts._file_digest,
    forecasts._line
from forecasts
inner join balances
    on
        forecasts.location_id = balances.location_id
        and forecasts.sku = balances.sku
        and forecasts.issued_ts = balances.event_ts
left join ending on forecasts.location_id = ending.location_id and forecasts.sku = ending.sku
{{ control_coverage("'inventory_movement'", "forecasts.issued_ts") }}
