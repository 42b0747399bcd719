-- Grain: one version of an active listing, and one request for its launch in the channel. E66c: the listing has no item
-- of the master, or its launch was asked for and is not approved. A listing of whose launch no request tells is judged
-- by its item alone.
with listings as (

    {{ control_versions("channel_listing", ["channel_id", "listing_id"], ["sku", "status_code"]) }}

),

active as (

    select
        *,
        channel_id || '|' || listing_id as business_key,
        coalesce(to_ts, cast('9999-12-31' as timestamp)) as until_ts
    from listings
    where status_code = 'active'

),

item_versions as (

    select
        sku,
        min(updated_ts) as since_ts,
        min(received_ts) as known_ts
    from {{ source("raw", "product") }}
    group by sku

),

items as (

    select
        sku,
        known_ts,
        case
            when known_ts = min(known_ts) over () then cast('1900-01-01' as timestamp) else since_ts
        end as since_ts
    from item_versions

),

launches as (

    select
        request_id,
        object_id,
        channel_id,
        min(submitted_ts) as submitted_ts,
        case when count(*) = count(*) filter (where decision_code = 'approved') then max(decided_ts) end as approved_ts,
        min(first_received_ts) as submitted_known_ts,
        max(received_ts) as approved_known_ts
    from {{ ref("stg_erp__approval_request") }}
    where approval_type = 'channel_launch'
    group by request_id, object_id, channel_id

),

lacks as (

    select
        active.business_key,
        active.channel_id,
        active.sku,
        'item ' || {{ control_instant("active.from_ts") }} as opening_key,
        active.from_ts,
        case
            when items.since_ts <= active.from_ts then active.from_ts
            else least(active.until_ts, coalesce(items.since_ts, active.until_ts))
        end as lack_until_ts,
        items.sku is null or items.since_ts > active.from_ts as is_lacking,
        active.known_ts,
        case when items.since_ts < active.until_ts then items.known_ts else active.to_known_ts end as until_known_ts,
        case when items.since_ts < active.until_ts then 'item added' else 'mapped or taken down' end as ended_reason,
        active._file_digest,
        active._line
    from active
    left join items on active.sku = items.sku
    union all
    select
        active.business_key,
        active.channel_id,
        active.sku,
        'launch ' || launches.request_id || ' ' || {{ control_instant("active.from_ts") }} as opening_key,
        greatest(active.from_ts, launches.submitted_ts) as from_ts,
        least(active.until_ts, coalesce(launches.approved_ts, active.until_ts)) as lack_until_ts,
        coalesce(launches.approved_ts > greatest(active.from_ts, launches.submitted_ts), true) as is_lacking,
        greatest(active.known_ts, launches.submitted_known_ts) as known_ts,
        case when launches.approved_ts < active.until_ts then launches.approved_known_ts else active.to_known_ts end
            as until_known_ts,
        case when launches.approved_ts < active.until_ts then 'approved' else 'taken down' end as ended_reason,
        active._file_digest,
        active._line
    from active
    inner join launches
        on
            active.listing_id = launches.object_id
            and coalesce(launches.channel_id, active.channel_id) = active.channel_id
    where launches.submitted_ts < active.until_ts

),

valued as (

    select
        *,
        least(lack_until_ts, {{ as_of() }}) as valued_ts
    from lacks
    where is_lacking and sku is not null

),

touched as (

    {{ control_open_orders("valued", "item.sku = line.sku and item.channel_id = line.channel_id") }}

),

assessed as (

    select
        lacks.*,
        coalesce(channels.channel_id, 'UNKNOWN') as channel,
        case
            when lacks.is_lacking and {{ control_threshold("listings", ["channel"]) }} <= 1 then lacks.from_ts
        end as opened_ts,
        greatest(lacks.from_ts, lacks.known_ts) as detected_ts,
        false as is_evidence_overdue,
        case
            when lacks.is_lacking and lacks.lack_until_ts < cast('9999-12-31' as timestamp) then lacks.lack_until_ts
        end as ended_ts,
        lacks.until_known_ts as ended_known_ts,
        case when {{ control_threshold("listings", ["channel"]) }} is null then 'not_enough_data' end as blocked_code,
        case when lacks.is_lacking then 1 else 0 end as observed_value,
        {{ control_threshold("listings", ["channel"]) }} as threshold_value,
        touched.value_at_risk_amount,
        touched.open_orders_touched
    from lacks
    left join touched on lacks.business_key = touched.business_key and lacks.from_ts = touched.from_ts
    left join {{ ref("dim_channel") }} as channels on lacks.channel_id = channels.channel_id
    {{ control_threshold_joins("E66c", ["listings"], at="lacks.from_ts", scopes={"channel": "lacks.channel_id"}) }}

),

{{ control_verdict("assessed") }},

{{ control_episodes() }}

{{ control_select(
    "E66c",
    "'channel_listing'",
    has=["channel", "sku", "observed_value", "threshold_value", "value_at_risk_amount", "open_orders_touched"],
    relation="episodes"
) }}
