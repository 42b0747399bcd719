-- What waits for a data steward: by feed, rows that its contract refused and nobody replayed, and codes without meaning.
with refused as (
    select
        entity,
        count(*) as refused,
        count(distinct rule_code || '|' || coalesce(column_name, '')) as rules,
        min(received_ts) as oldest_ts
    from rejected_row
    where replayed_ts is null
    group by entity
),

strange as (
    select
        entity,
        count(*) as codes,
        min(first_received_ts) as oldest_ts
    from unknown_code
    group by entity
)

select
    feeds.steward_name,
    feeds.feed_id,
    feeds.entity,
    feeds.owner_name,
    coalesce(refused.rules, 0) as rules,
    coalesce(refused.refused, 0) as refused,
    coalesce(strange.codes, 0) as codes,
    least(refused.oldest_ts, strange.oldest_ts) as oldest_ts
from mart_feed_health as feeds
left join refused on feeds.entity = refused.entity
left join strange on feeds.entity = strange.entity
where refused.entity is not null or strange.entity is not null
order by feeds.steward_name, refused desc, codes desc, feeds.entity
