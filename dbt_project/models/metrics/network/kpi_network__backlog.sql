-- K17. Grain: one row a node with a capacity or with units assigned, on the day of the build. The capacity of its last
-- open day counts; where three or more of its last seven complete open days began with a full day's backlog, no more
-- than the third quartile of what left on those days.
with days as (
    select
        *,
        date_day < max(date_day) over (partition by location_id) as is_complete,
        coalesce(opening_qty >= units_capacity and units_capacity > 0, false) as is_full
    from {{ ref('int_kpi__node_day') }}
),

complete as (
    select
        *,
        row_number() over (partition by location_id order by date_day desc) as recency
    from days
    where is_open and is_complete
),

ranked as (
    select
        *,
        row_number() over (partition by location_id order by left_qty, date_day) as left_rank,
        count(*) over (partition by location_id) as full_days
    from complete
    where recency <= 7 and is_full
),

throughput as (
    select
        location_id,
        max(full_days) as full_days,
        min(left_qty) filter (where left_rank * 4 >= full_days * 3) as left_qty
    from ranked
    group by location_id
),

stated as (
    select
        plans.location_id,
        {{ max_by_keys('plans.units_capacity', ['plans.capacity_date']) }} as units_capacity,
        max(plans.source_entity) as source_entity,
        {{ max_by_keys('plans._file_digest', ['plans.capacity_date']) }} as _file_digest,
        {{ max_by_keys('plans._line', ['plans.capacity_date']) }} as _line
    from {{ ref('fct_node_capacity') }} as plans
    inner join {{ ref('dim_location') }} as locations on plans.location_id = locations.location_id
    where plans.is_open and plans.capacity_date <= {{ local_date(as_of(), 'locations.time_zone') }}
    group by plans.location_id
),

waiting as (
    select
        location_id,
        sum(case when ended_ts is null then requested_qty else 0 end) as open_qty
    from {{ ref('int_kpi__fulfilment_step') }}
    where exclusion_reason is null
    group by location_id
),

nodes as (
    select
        coalesce(stated.location_id, waiting.location_id) as location_id,
        coalesce(locations.location_id, 'UNKNOWN') as location,
        coalesce(locations.region, 'UNKNOWN') as region,
        coalesce(waiting.open_qty, 0) as open_qty,
        case
            when throughput.full_days >= 3 then least(stated.units_capacity, throughput.left_qty)
            else stated.units_capacity
        end as effective_qty,
        coalesce(stated.source_entity, 'fulfilment_line') as source_entity,
        stated._file_digest,
        stated._line
    from stated
    full outer join waiting on stated.location_id = waiting.location_id
    left join throughput on coalesce(stated.location_id, waiting.location_id) = throughput.location_id
    left join {{ ref('dim_location') }} as locations
        on coalesce(stated.location_id, waiting.location_id) = locations.location_id
)

{{ kpi_measure(
    'K17', 'nodes', 'location_id', reporting_date(as_of()), 'open_qty', 'effective_qty',
    exclusion="case when effective_qty is null then 'no_data:no_capacity' end", dims=['location', 'region']
) }}
