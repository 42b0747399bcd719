-- One row an item at a location at the build's instant with how far its stock can be trusted (K33), by the catalogue's
-- rule without history: exp(-h / 48) * (1 - mismatch rate of 90 days) * exp(-days since the last count / 180), where h
-- are the hours since its last movement and pairs count as in K30. Never counted: since the opening balance.
with

moved as (
    select
        location_id,
        sku,
        max(event_ts) as last_event_ts,
        min(event_ts) as first_event_ts
    from {{ ref('fct_stock_movement') }}
    where event_ts <= {{ as_of() }}
    group by location_id, sku
),

counted as (
    select
        location_id,
        sku,
        max(count_ts) as last_count_ts
    from {{ ref('fct_cycle_count') }}
    where count_ts <= {{ as_of() }}
    group by location_id, sku
),

compared as (
    select
        location_id,
        sku,
        count(*) as pair_count,
        count(*) filter (where is_mismatch) as mismatch_count
    from ({{ pairs_of_last_cuts() }}) as pairs
    where exclusion_reason is null and cut_date > {{ add_days(reporting_date(as_of()), -90) }}
    group by location_id, sku
),

pairs as (
    select
        stock.*,
        {{ seconds_between('moved.last_event_ts', as_of()) }} as quiet_seconds,
        {{ seconds_between('coalesce(counted.last_count_ts, moved.first_event_ts)', as_of()) }} as uncounted_seconds,
        compared.pair_count,
        compared.mismatch_count
    from {{ ref('fct_available_to_sell') }} as stock
    left join moved
        on
            stock.location_id = moved.location_id
            and stock.sku = moved.sku
    left join counted
        on
            stock.location_id = counted.location_id
            and stock.sku = counted.sku
    left join compared
        on
            stock.location_id = compared.location_id
            and stock.sku = compared.sku
)

select
    location_id,
    sku,
    {{ decimal_of(
        'exp(-cast(quiet_seconds as double) / 172800e0) * (1e0 - cast(mismatch_count as double) / pair_count)'
        ~ ' * exp(-cast(uncounted_seconds as double) / 15552000e0)', 18, 6
    ) }} as trust_share,
    case
        when quiet_seconds is null then 'no_data:no_movement'
        when pair_count is null then 'no_data:never_compared'
    end as exclusion_reason,
    location,
    region,
    category,
    source_entity,
    _file_digest,
    _line
from pairs
