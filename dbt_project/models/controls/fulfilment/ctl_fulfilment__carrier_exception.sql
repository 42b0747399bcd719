-- Grain: one scan by which a carrier tells that a parcel was refused, damaged, lost or held. E22b: until it is
-- delivered or on its way back to us. A claim at the carrier is in no feed: a person closes with it.
with scans as (

    select * from {{ ref("stg_carrier__shipment_event") }}
    where event_type in ('refused', 'damaged', 'lost', 'held', 'delivered', 'returned_to_sender')

),

reports as (

    select
        parcels.*,
        scans.event_id,
        scans.event_type,
        scans.event_ts,
        scans.first_received_ts as report_known_ts,
        scans._file_digest as report_file_digest,
        scans._line as report_line
    from scans
    inner join {{ ref("int_control__parcel") }} as parcels
        on scans.shipment_id = parcels.shipment_id and scans.parcel_id = parcels.parcel_id
    where scans.event_type in ('refused', 'damaged', 'lost', 'held')

),

endings as (

    select
        reports.event_id,
        min(scans.event_ts) as event_ts,
        {{ min_by_keys("scans.first_received_ts", ["scans.event_ts", "scans.event_id"]) }} as known_ts,
        {{ min_by_keys("scans.event_type", ["scans.event_ts", "scans.event_id"]) }} as event_type
    from reports
    inner join scans
        on
            reports.shipment_id = scans.shipment_id
            and reports.parcel_id = scans.parcel_id
            and scans.event_type in ('delivered', 'returned_to_sender')
            and reports.event_ts < scans.event_ts
    group by reports.event_id

),

assessed as (

    select
        reports.parcel_key as business_key,
        reports.event_id as opening_key,
        reports.order_id,
        reports.channel,
        reports.location,
        reports.region,
        reports.promise_latest_ts,
        reports.net_amount as value_at_risk_amount,
        reports.report_file_digest as _file_digest,
        reports.report_line as _line,
        case when {{ control_threshold("events", ["location"]) }} <= 1 then reports.event_ts end as opened_ts,
        {{ control_rows_known("reports.report_known_ts", "coverage") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        {{ control_first_ending([
            [
                "endings.event_ts",
                "endings.known_ts",
                "case endings.event_type when 'delivered' then 'delivered' else 'returned to us' end",
            ],
            [
                "case when reports.lines_delivered_ts > reports.event_ts then reports.lines_delivered_ts end",
                "reports.lines_delivered_known_ts",
                "'delivered'",
            ],
        ]) }},
        case when {{ control_threshold("events", ["location"]) }} is null then 'not_enough_data' end as blocked_code,
        1 as observed_value,
        {{ control_threshold("events", ["location"]) }} as threshold_value,
        case when reports.customer_id is not null then 1 end as customers_affected,
        1 as open_orders_touched
    from reports
    left join endings on reports.event_id = endings.event_id
    {{ control_threshold_joins("E22b", ["events"], at="reports.event_ts", scopes={"location": "reports.location_id"}) }}
    {{ control_coverage("'shipment_event'", "reports.event_ts") }}

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E22b",
    "'shipment_event'",
    has=[
        "channel", "location", "region", "order_id", "observed_value", "threshold_value", "value_at_risk_amount",
        "customers_affected", "promise_latest_ts", "open_orders_touched",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"]
) }}
