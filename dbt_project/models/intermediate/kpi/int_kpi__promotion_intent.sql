-- One row an approved item of a promotion in a channel whose start has come: the stretch in which its price must be
-- right, and when its own price went live and ended (K50). The tolerance is at most a twentieth of the duration.
{{ config(materialized='view') }}

with measured as (
    select
        lines.*,
        {{ reporting_date('lines.starts_ts') }} as start_date,
        case
            when levels.tolerance_minutes is not null
                then least(
                    levels.tolerance_minutes * 60,
                    floor(cast({{ seconds_between('lines.starts_ts', 'lines.ends_ts') }} as double) / 20)
                )
        end as tolerance_seconds
    from {{ ref('fct_promotion_line') }} as lines
    left join {{ ref('dim_price_service_level') }} as levels
        on
            lines.channel_id = levels.channel_id
            and {{ reporting_date('lines.starts_ts') }} between levels.valid_from_date and levels.valid_to_date
    where lines.approved_ts is not null and lines.starts_ts <= {{ as_of() }}
),

published as (
    select
        promotion_id,
        sku,
        channel_id,
        location_id,
        min(live_ts) as own_live_ts,
        max(coalesce(ended_ts, cast('9999-12-31' as timestamp))) as own_ended_ts
    from {{ ref('fct_price_publication') }}
    where promotion_id is not null and live_ts is not null
    group by promotion_id, sku, channel_id, location_id
)

select
    measured.promotion_line_key,
    measured.promotion_id,
    measured.sku,
    measured.channel_id,
    measured.location_id,
    measured.promotion_price_amount_local,
    measured.starts_ts,
    measured.ends_ts,
    {{ add_seconds('measured.starts_ts', '-measured.tolerance_seconds') }} as earliest_ts,
    {{ add_seconds('measured.starts_ts', 'measured.tolerance_seconds') }} as right_from_ts,
    {{ add_seconds('measured.ends_ts', '-measured.tolerance_seconds') }} as right_until_ts,
    {{ add_seconds('measured.ends_ts', 'measured.tolerance_seconds') }} as latest_ts,
    case
        when measured.status_code = 'withdrawn' then 'out:withdrawn'
        when measured.tolerance_seconds is null then 'no_data:no_service_level'
    end as exclusion_reason,
    published.own_live_ts,
    published.own_ended_ts,
    measured.channel,
    measured.location,
    measured.region,
    measured.category,
    measured.promotion,
    measured.source_entity,
    measured._file_digest,
    measured._line
from measured
left join published
    on
        measured.promotion_id = published.promotion_id
        and measured.sku = published.sku
        and measured.channel_id = published.channel_id
        and measured.location_id = published.location_id
