-- Grain: one order or parcel in one measure of a marketplace account (K109): from which day on it counts, and
-- from which day until which it counts against the account, as the days went by. Of tracking and punctuality it
-- is the parcel that fails. Test orders, and cancelled ones in late_ship, are out.
{{ config(contract={"enforced": false}) }}

with orders as (

    select * from {{ ref("fct_order") }}
    where is_marketplace and not is_test and is_in_scope

),

claims as (

    select
        external_order_key,
        channel_id,
        min(
            case
                when claim_type in ('negative_feedback', 'chargeback') then opened_ts
                when is_upheld then coalesce(closed_ts, updated_ts)
            end
        ) as defect_ts
    from {{ ref("stg_crm__marketplace_claim") }}
    group by external_order_key, channel_id

),

cancellations as (

    select
        order_id,
        min(event_ts) as cancelled_ts
    from {{ ref("fct_cancellation") }}
    where initiator_code in ('retailer', 'supplier', 'system') and class_code not in ('fraud', 'payment')
    group by order_id

),

first_scans as (

    select
        shipment_id,
        parcel_id,
        min(event_ts) as first_scan_ts,
        min(event_ts) filter (where event_type = 'delivered') as delivered_ts
    from {{ ref("stg_carrier__shipment_event") }}
    group by shipment_id, parcel_id

),

parcels as (

    select
        parcels.parcel_key,
        parcels.channel,
        parcels.shipped_ts,
        parcels.promise_latest_ts,
        parcels._file_digest,
        parcels._line,
        first_scans.first_scan_ts,
        first_scans.delivered_ts
    from {{ ref("int_control__parcel") }} as parcels
    inner join orders on parcels.order_id = orders.order_id
    left join first_scans
        on parcels.shipment_id = first_scans.shipment_id and parcels.parcel_id = first_scans.parcel_id

)

select
    'defect' as measure,
    orders.order_id as item_key,
    orders.channel,
    orders.order_date as counted_from_date,
    {{ reporting_date("claims.defect_ts") }} as failed_from_date,
    cast(null as date) as failed_until_date,
    orders._file_digest,
    orders._line
from orders
left join claims on orders.external_order_key = claims.external_order_key and orders.channel_id = claims.channel_id
union all
select
    'cancel' as measure,
    orders.order_id as item_key,
    orders.channel,
    orders.order_date as counted_from_date,
    {{ reporting_date("cancellations.cancelled_ts") }} as failed_from_date,
    cast(null as date) as failed_until_date,
    orders._file_digest,
    orders._line
from orders
left join cancellations on orders.order_id = cancellations.order_id
union all
select
    'late_ship' as measure,
    order_id as item_key,
    channel,
    {{ reporting_date("expected_ship_ts") }} as counted_from_date,
    case
        when coalesce(shipped_ts > expected_ship_ts, true) then {{ reporting_date("expected_ship_ts") }}
    end as failed_from_date,
    cast(null as date) as failed_until_date,
    _file_digest,
    _line
from orders
where expected_ship_ts <= {{ as_of() }} and not is_cancelled
union all
-- The first scan may follow the handover after midnight: a parcel without one fails from the next day on.
select
    'tracking' as measure,
    parcel_key as item_key,
    channel,
    {{ reporting_date("shipped_ts") }} as counted_from_date,
    case
        when coalesce({{ reporting_date("first_scan_ts") }} > {{ add_days(reporting_date("shipped_ts"), 1) }}, true)
            then {{ add_days(reporting_date("shipped_ts"), 1) }}
    end as failed_from_date,
    {{ reporting_date("first_scan_ts") }} as failed_until_date,
    _file_digest,
    _line
from parcels
union all
select
    'on_time' as measure,
    parcel_key as item_key,
    channel,
    {{ reporting_date("promise_latest_ts") }} as counted_from_date,
    case
        when coalesce(delivered_ts > promise_latest_ts, true) then {{ reporting_date("promise_latest_ts") }}
    end as failed_from_date,
    cast(null as date) as failed_until_date,
    _file_digest,
    _line
from parcels
where promise_latest_ts <= {{ as_of() }} and first_scan_ts is not null
