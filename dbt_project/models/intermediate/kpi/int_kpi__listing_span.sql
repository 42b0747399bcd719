-- One row a listing and span of full hours in which it was active, as its landed versions tell. A channel that tells no
-- listing at all lists what it was shown stock of, from the first time on.
with

versions as (
    select
        channel_id,
        listing_id,
        updated_ts,
        {{ max_by_keys('sku', ['_file_digest', '_line']) }} as sku,
        {{ max_by_keys('status_code', ['_file_digest', '_line']) }} as status_code,
        {{ max_by_keys('_line', ['_file_digest', '_line']) }} as _line,
        max(_file_digest) as _file_digest
    from {{ source('raw', 'channel_listing') }}
    group by channel_id, listing_id, updated_ts
),

spans as (
    select
        *,
        {{ full_hour('updated_ts') }} as from_hour,
        coalesce(
            {{ full_hour('lead(updated_ts) over (partition by channel_id, listing_id order by updated_ts)') }},
            {{ no_last_hour() }}
        ) as to_hour
    from versions
)

select
    channel_id,
    sku,
    from_hour,
    to_hour,
    'channel_listing' as source_entity,
    _file_digest,
    _line
from spans
where status_code = 'active' and sku is not null and from_hour < to_hour

union all

select
    channel_id,
    sku,
    {{ full_hour('min(valid_from_ts)') }} as from_hour,
    {{ no_last_hour() }} as to_hour,
    'ats_publication' as source_entity,
    {{ min_by_keys('_file_digest', ['valid_from_ts', 'published_ts']) }} as _file_digest,
    {{ min_by_keys('_line', ['valid_from_ts', 'published_ts']) }} as _line
from {{ ref('fct_ats_publication') }}
where
    valid_from_ts is not null
    and channel_id not in (select channel_id from {{ source('raw', 'channel_listing') }})
group by channel_id, sku
