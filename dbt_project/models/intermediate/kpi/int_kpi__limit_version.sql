-- One row a version of a quota or protection, with the full hours in which it is in force: from its first day on, once
-- it was written, until a later version or row. There are none where it would end before it begins.
{{ config(materialized='view') }}

with

versions as (
    select
        sku,
        channel_id,
        valid_from,
        updated_ts,
        {{ max_by_keys('quota_qty', ['_file_digest', '_line']) }} as quota_qty,
        {{ max_by_keys('protection_qty', ['_file_digest', '_line']) }} as protection_qty
    from {{ source('raw', 'channel_allocation') }}
    group by sku, channel_id, valid_from, updated_ts
),

rows_of_days as (
    select
        sku,
        channel_id,
        valid_from,
        {{ first_hour_of_day('valid_from') }} as first_hour,
        {{ local_instant('valid_from', "'00:00'", reporting_zone()) }} as first_ts,
        coalesce(
            {{ first_hour_of_day('lead(valid_from) over (partition by sku, channel_id order by valid_from)') }},
            {{ no_last_hour() }}
        ) as end_hour
    from versions
    group by sku, channel_id, valid_from
),

numbered as (
    select
        versions.sku,
        versions.channel_id,
        versions.quota_qty,
        versions.protection_qty,
        {{ greatest_ts('versions.updated_ts', 'days.first_ts') }} as start_ts,
        {{ full_hour('versions.updated_ts') }} as written_hour,
        {{ full_hour('lead(versions.updated_ts) over in_order') }} as next_hour,
        days.first_hour,
        days.end_hour,
        row_number() over in_order as version_no
    from versions
    inner join rows_of_days as days
        on
            versions.sku = days.sku
            and versions.channel_id = days.channel_id
            and versions.valid_from = days.valid_from
    window in_order as (
        partition by versions.sku, versions.channel_id, versions.valid_from order by versions.updated_ts
    )
)

select
    *,
    greatest(written_hour, first_hour) as from_hour,
    least(coalesce(next_hour, end_hour), end_hour) as to_hour
from numbered
