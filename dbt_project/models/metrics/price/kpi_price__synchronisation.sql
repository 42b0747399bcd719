-- K51. Grain: one row a measure and published version of a price whose time has come; for K51.spread one an intent
-- (item and version) that several channels show.
{% set dims = ['channel', 'location', 'region', 'category', 'promotion'] %}
{% set lag = 'greatest(' ~ seconds_between('wanted_ts', 'live_ts') ~ ', 0)' %}
with publications as (
    select
        *,
        case when live_ts is null and ended_ts <= live_due_ts then 'out:withdrawn' end as exclusion_reason
    from {{ ref('fct_price_publication') }}
    where effective_ts <= {{ as_of() }} or live_ts is not null
),

intents as (
    select
        sku || '|' || cast(price_version as string) as intent_key,
        min(effective_date) as effective_date,
        {{ seconds_between('min(live_ts)', 'max(live_ts)') }} as spread_seconds,
        case when count(live_ts) < count(*) then 'out:not_live_everywhere' end as exclusion_reason,
        case when min(region) = max(region) then min(region) else 'NONE' end as region,
        min(category) as category,
        min(promotion) as promotion,
        min(source_entity) as source_entity,
        min(_file_digest) as _file_digest,
        {{ min_by_keys('_line', ['_file_digest', '_line']) }} as _line
    from publications
    where exclusion_reason is null
    group by sku, price_version
    having min(channel_id) <> max(channel_id)
)

{{ kpi_union([
    kpi_measure(
        'K51', 'publications', 'publication_key', 'effective_date', lag, dims=dims, where='live_ts is not null'
    ),
    kpi_measure(
        'K51.early', 'publications', 'publication_key', 'effective_date',
        'case when live_ts < effective_ts then 1 else 0 end', dims=dims, where='live_ts is not null'
    ),
    kpi_measure(
        'K51.not_live', 'publications', 'publication_key', 'effective_date',
        'case when live_ts <= live_due_ts then 0 else 1 end', dims=dims, where='live_due_ts <= ' ~ as_of()
    ),
    kpi_measure(
        'K51.spread', 'intents', 'intent_key', 'effective_date', 'spread_seconds',
        dims=['region', 'category', 'promotion']
    ),
]) }}
