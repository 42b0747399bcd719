-- One row a channel and interval of validity, first and last day included: the service level of its type, else the
-- one for all.
with candidates as (
    select
        channels.channel_id,
        levels.valid_from,
        levels.valid_to,
        levels.live_minutes,
        levels.tolerance_minutes,
        levels.channel_type <> '*' as is_own,
        max(case when levels.channel_type <> '*' then 1 else 0 end) over (partition by channels.channel_id) = 1
            as has_own
    from {{ ref('dim_channel') }} as channels
    inner join {{ ref('price_service_level') }} as levels
        on levels.channel_type in ('*', channels.channel_type)
)

select
    channel_id,
    cast(live_minutes as bigint) as live_minutes,
    cast(tolerance_minutes as bigint) as tolerance_minutes,
    valid_from as valid_from_date,
    coalesce(valid_to, cast('9999-12-31' as date)) as valid_to_date
from candidates
where is_own = has_own
