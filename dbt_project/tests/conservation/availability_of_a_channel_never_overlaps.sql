-- A returned row is a publication that stays in force beyond the next one of its item and channel.
with

intervals as (
    select
        sku,
        channel_id,
        valid_from_ts,
        valid_to_ts,
        lead(valid_from_ts) over (partition by sku, channel_id order by valid_from_ts, published_ts) as next_from_ts
    from {{ ref('fct_ats_publication') }}
    where valid_from_ts is not null
)

select *
from intervals
where coalesce(valid_to_ts <> next_from_ts, (valid_to_ts is null) <> (next_from_ts is null))
