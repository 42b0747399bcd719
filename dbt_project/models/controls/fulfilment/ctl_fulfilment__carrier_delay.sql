-- Grain: one hand-over or scan of a parcel after which nothing was scanned for the limit, or that tells an
-- estimate after the promise; only candidates have a row. E22a: until it is delivered or a scan comes whose
-- estimate is in time. What the carrier tells as refused, damaged, lost or held is E22b. The hours run on the
-- carrier's working days.
with parcels as (

    select
        parcels.*,
        {{ control_threshold("silence", ["location"]) }} as limit_hours
    from {{ ref("int_control__parcel") }} as parcels
    {{ control_threshold_joins(
        "E22a", ["silence"], at="parcels.shipped_ts", scopes={"location": "parcels.location_id"}
    ) }}

),

carriers as (

    select distinct carrier_id
    from {{ ref("stg_carrier__shipment_event") }}

),

scans as (

    select
        shipment_id,
        parcel_id,
        event_id,
        event_type,
        event_ts,
        eta_ts,
        first_received_ts as known_ts,
        'shipment_event' as evidence_entity,
        _file_digest,
        _line
    from {{ ref("stg_carrier__shipment_event") }}
    union all
    select
        shipment_id,
        parcel_id,
        '' as event_id,
        'handed_over' as event_type,
        shipped_ts as event_ts,
        cast(null as timestamp) as eta_ts,
        first_received_ts as known_ts,
        'shipment_line' as evidence_entity,
        _file_digest,
        _line
    from parcels

),

steps as (

    select
        scans.*,
        parcels.parcel_key,
        parcels.promise_latest_ts,
        parcels.limit_hours,
        lead(scans.event_ts) over by_scan as next_ts,
        lead(scans.known_ts) over by_scan as next_known_ts,
        count(scans.eta_ts) over (
            partition by parcels.parcel_key
            order by scans.event_ts, scans.event_id
            rows between unbounded preceding and current row
        ) as eta_no
    from scans
    inner join parcels on scans.shipment_id = parcels.shipment_id and scans.parcel_id = parcels.parcel_id
    window by_scan as (partition by parcels.parcel_key order by scans.event_ts, scans.event_id)

),

limited as (

    select
        *,
        {{ add_seconds("event_ts", "3600 * limit_hours") }} as soonest_ts
    from steps
    where event_type in ('handed_over', 'picked_up', 'in_transit', 'attempted')

),

silences as (

    select
        limited.*,
        3600 * limited.limit_hours + 86400 * day.business_day_no - case
            when day.is_business_day
                then greatest(86400 - {{ seconds_between(
                    local_instant("day.date_day", "'00:00'", reporting_zone()), "limited.event_ts"
                ) }}, 0)
            else 0
        end as due_seconds
    from limited
    left join {{ ref("int_control__business_day") }} as day
        on {{ reporting_date("limited.event_ts") }} = day.date_day and day.owner_role = 'carrier'
    where
        limited.soonest_ts <= {{ as_of() }}
        and coalesce(limited.next_ts > limited.soonest_ts or limited.next_known_ts > limited.soonest_ts, true)

),

candidates as (

    select
        silences.parcel_key,
        'silence ' || case when silences.event_id = '' then 'since hand-over' else silences.event_id end as opening_key,
        silences.event_ts,
        silences.known_ts,
        silences.next_ts,
        silences.next_known_ts,
        silences.limit_hours,
        {{ add_seconds(
            local_instant("due.date_day", "'00:00'", reporting_zone()),
            "silences.due_seconds - 86400 * (due.business_day_no - 1)"
        ) }} as opened_ts,
        true as is_silence,
        silences.evidence_entity,
        silences._file_digest,
        silences._line
    from silences
    left join {{ ref("int_control__business_day") }} as due
        on
            due.owner_role = 'carrier'
            and due.is_business_day
            and cast(ceil(silences.due_seconds / 86400e0) as bigint) = due.business_day_no
    union all
    select
        parcel_key,
        'estimate ' || event_id as opening_key,
        event_ts,
        known_ts,
        next_ts,
        next_known_ts,
        limit_hours,
        event_ts as opened_ts,
        false as is_silence,
        evidence_entity,
        _file_digest,
        _line
    from limited
    where eta_ts > promise_latest_ts

),

told_etas as (

    select
        parcel_key,
        eta_no,
        max(eta_ts) as eta_ts
    from steps
    where eta_no > 0
    group by parcel_key, eta_no

),

endings as (

    select
        candidates.parcel_key,
        candidates.opening_key,
        min(steps.event_ts) as event_ts,
        {{ min_by_keys("steps.known_ts", ["steps.event_ts", "steps.event_id"]) }} as known_ts,
        {{ min_by_keys("steps.event_type", ["steps.event_ts", "steps.event_id"]) }} as event_type
    from candidates
    inner join steps on candidates.parcel_key = steps.parcel_key and candidates.event_ts < steps.event_ts
    left join told_etas on steps.parcel_key = told_etas.parcel_key and steps.eta_no = told_etas.eta_no
    where
        steps.event_type not in ('handed_over', 'picked_up', 'in_transit', 'attempted')
        or steps.promise_latest_ts is null
        or greatest(steps.event_ts, coalesce(told_etas.eta_ts, steps.event_ts)) <= steps.promise_latest_ts
        or (candidates.is_silence and steps.event_ts = candidates.next_ts and steps.event_ts <= candidates.opened_ts)
    group by candidates.parcel_key, candidates.opening_key

),

assessed as (

    select
        candidates.*,
        candidates.parcel_key as business_key,
        parcels.order_id,
        parcels.channel,
        parcels.location,
        parcels.region,
        parcels.promise_latest_ts,
        parcels.net_amount as value_at_risk_amount,
        case
            when candidates.is_silence
                then {{ control_silence_known("candidates.opened_ts", "candidates.known_ts", beside="event_coverage") }}
            else {{ control_rows_known("candidates.known_ts", "coverage") }}
        end as detected_ts,
        coverage.is_overdue or coalesce(event_coverage.is_overdue, false) as is_evidence_overdue,
        {{ control_first_ending([
            [
                "endings.event_ts",
                "endings.known_ts",
                "case when endings.event_type in ('delivered', 'returned_to_sender') then 'delivered or returned'"
                ~ " when endings.event_type in ('refused', 'damaged', 'lost', 'held') then 'told as an exception'"
                ~ " else 'scanned in time' end",
            ],
            ["parcels.lines_delivered_ts", "parcels.lines_delivered_known_ts", "'delivered or returned'"],
        ]) }},
        case
            when carriers.carrier_id is null or feed.entity is null or candidates.limit_hours is null
                then 'not_enough_data'
        end as blocked_code,
        {{ control_waited_hours("candidates.event_ts", "candidates.next_ts") }} as observed_value,
        candidates.limit_hours as threshold_value,
        case when parcels.customer_id is not null then 1 end as customers_affected,
        1 as open_orders_touched
    from candidates
    inner join parcels on candidates.parcel_key = parcels.parcel_key
    cross join ({{ control_delivery_feed() }}) as feed
    left join carriers on parcels.carrier_id = carriers.carrier_id
    left join endings
        on candidates.parcel_key = endings.parcel_key and candidates.opening_key = endings.opening_key
    {{ control_coverage("'shipment_event'", "candidates.opened_ts") }}
    {{ control_coverage("'order_event'", "candidates.opened_ts", alias="event_coverage") }}

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E22a",
    "evidence_entity",
    has=[
        "channel", "location", "region", "order_id", "observed_value", "threshold_value", "value_at_risk_amount",
        "customers_affected", "promise_latest_ts", "open_orders_touched",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"],
    is_running=true
) }}
