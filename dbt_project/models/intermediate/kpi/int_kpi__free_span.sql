-- One row a location, item and span of full hours in which what is free to sell stays the same: Free of K27, of items
-- that any channel was shown stock of. Where the stock is not known, is_known says so.
with

shown as (
    select distinct sku
    from {{ ref('fct_ats_publication') }}
    where valid_from_ts is not null
),

openings as (
    select
        location_id,
        {{ full_hour('min(event_ts)') }} as opening_hour
    from {{ ref('fct_stock_movement') }}
    where movement_type = 'opening'
    group by location_id
),

-- spans between two full hours are in force at none of them
available as (
    select
        steps.location_id,
        steps.sku,
        {{ full_hour('steps.from_ts') }} as from_hour,
        coalesce({{ full_hour('steps.to_ts') }}, {{ no_last_hour() }}) as to_hour,
        steps.available_qty
    from {{ ref('int_stock__available_step') }} as steps
    inner join shown
        on steps.sku = shown.sku
    where {{ full_hour('steps.from_ts') }} < coalesce({{ full_hour('steps.to_ts') }}, {{ no_last_hour() }})
),

policies as (
    select
        policies.location_id,
        policies.sku,
        {{ first_hour_of_day('policies.valid_from') }} as from_hour,
        policies.safety_stock_qty + policies.presentation_min_qty as kept_qty,
        row_number() over (
            partition by policies.location_id, policies.sku order by policies.valid_from
        ) as policy_no,
        case
            when policies.valid_to < cast('9999-12-31' as date) then {{ first_hour_of_day('policies.valid_to') }}
        end as next_hour
    from {{ ref('int_stock__safety_policy') }} as policies
    inner join shown
        on policies.sku = shown.sku
),

kept as (
    select
        location_id,
        sku,
        from_hour,
        coalesce(next_hour, {{ no_last_hour() }}) as to_hour,
        kept_qty
    from policies

    union all

    select
        location_id,
        sku,
        0 as from_hour,
        from_hour as to_hour,
        0 as kept_qty
    from policies
    where policy_no = 1
),

-- a place that was open before its ledger began; what only a snapshot tells is not known at other instants
unknown as (
    select
        stock.location_id,
        stock.sku,
        coalesce({{ first_hour_of_day('locations.opened_date') }}, 0) as from_hour,
        case
            when stock.on_hand_basis_code = 'snapshot' and stock.on_hand_sellable_qty <> 0 then {{ no_last_hour() }}
            else coalesce(openings.opening_hour, {{ no_last_hour() }})
        end as to_hour
    from {{ ref('fct_available_to_sell') }} as stock
    inner join shown
        on stock.sku = shown.sku
    left join {{ ref('dim_location') }} as locations
        on stock.location_id = locations.location_id
    left join openings
        on stock.location_id = openings.location_id
)

select
    available.location_id,
    available.sku,
    greatest(available.from_hour, coalesce(kept.from_hour, available.from_hour)) as from_hour,
    least(available.to_hour, coalesce(kept.to_hour, available.to_hour)) as to_hour,
    available.available_qty - coalesce(kept.kept_qty, 0) as free_qty,
    true as is_known
from available
left join kept
    on
        available.location_id = kept.location_id
        and available.sku = kept.sku
        and available.from_hour < kept.to_hour
        and available.to_hour > kept.from_hour
where available.available_qty > coalesce(kept.kept_qty, 0)

union all

select
    location_id,
    sku,
    from_hour,
    to_hour,
    0 as free_qty,
    false as is_known
from unknown
where from_hour < to_hour
