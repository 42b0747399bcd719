-- Grain: one change of item, quantity or address of an order that was released and had not left. E16: the node has not
-- confirmed it within the limit. No feed tells of the confirmation itself: what counts is that the node acknowledged
-- the order, or picked, packed or readied something of it afterwards.
with orders as (

    select * from {{ ref("fct_order") }}
    where not is_test and released_ts is not null

),

told_edits as (

    select
        order_id,
        event_ts as edit_ts,
        first_received_ts,
        _file_digest,
        _line,
        'order_event' as evidence_entity
    from {{ ref("fct_order_event") }}
    where event_type = 'edited' and coalesce(reason_code, 'other') <> 'price'

),

-- Only what came in more than one version can have been changed by one.
header_versions as (

    select
        versions.order_id,
        versions.updated_ts,
        versions.received_ts,
        versions._file_digest,
        versions._line,
        versions.ship_to_postcode,
        lag(versions.ship_to_postcode) over (
            partition by versions.order_id order by versions.version_no, versions.updated_ts
        ) as former_postcode
    from {{ source("raw", "sales_order") }} as versions
    inner join (
        select order_id
        from {{ source("raw", "sales_order") }}
        group by order_id
        having count(*) > 1
    ) as repeated on versions.order_id = repeated.order_id

),

line_versions as (

    select
        versions.order_id,
        versions.updated_ts,
        versions.received_ts,
        versions._file_digest,
        versions._line,
        versions.sku,
        versions.quantity,
        lag(versions.sku) over (
            partition by versions.order_id, versions.line_no order by versions.version_no, versions.updated_ts
        ) as former_sku,
        lag(versions.quantity) over (
            partition by versions.order_id, versions.line_no order by versions.version_no, versions.updated_ts
        ) as former_quantity
    from {{ source("raw", "sales_order_line") }} as versions
    inner join (
        select
            order_id,
            line_no
        from {{ source("raw", "sales_order_line") }}
        group by order_id, line_no
        having count(*) > 1
    ) as repeated on versions.order_id = repeated.order_id and versions.line_no = repeated.line_no

),

every_edit as (

    select * from told_edits
    union all
    select
        order_id,
        updated_ts as edit_ts,
        received_ts as first_received_ts,
        _file_digest,
        _line,
        'sales_order' as evidence_entity
    from header_versions
    where ship_to_postcode <> former_postcode
    union all
    select
        order_id,
        updated_ts as edit_ts,
        received_ts as first_received_ts,
        _file_digest,
        _line,
        'sales_order_line' as evidence_entity
    from line_versions
    where sku <> former_sku or quantity <> former_quantity

),

-- One edit may be told by an event and by new versions of one instant.
edits as (

    select
        every_edit.order_id,
        every_edit.edit_ts,
        min(every_edit.first_received_ts) as first_received_ts,
        min(every_edit.evidence_entity) as evidence_entity,
        {{ min_by_keys("every_edit._file_digest", ["every_edit.evidence_entity", "every_edit._file_digest"]) }}
            as _file_digest,
        {{ min_by_keys(
            "every_edit._line", ["every_edit.evidence_entity", "every_edit._file_digest", "every_edit._line"]
        ) }} as _line
    from every_edit
    inner join orders on every_edit.order_id = orders.order_id
    where every_edit.edit_ts > orders.released_ts and coalesce(every_edit.edit_ts < orders.shipped_ts, true)
    group by every_edit.order_id, every_edit.edit_ts

),

confirmations as (

    select
        edits.order_id,
        edits.edit_ts,
        min(events.event_ts) as confirmed_ts,
        {{ min_by_keys("events.first_received_ts", ["events.event_ts", "events.event_id"]) }} as confirmed_known_ts,
        {{ min_by_keys("events.event_type", ["events.event_ts", "events.event_id"]) }} as confirmed_by
    from edits
    inner join {{ ref("fct_order_event") }} as events
        on
            edits.order_id = events.order_id
            and edits.edit_ts <= events.event_ts
            and events.event_type in ('acknowledged', 'released', 'picked', 'packed', 'ready')
    group by edits.order_id, edits.edit_ts

),

limited as (

    select
        edits.*,
        {{ control_threshold("limit", ["channel"]) }} as limit_minutes,
        {{ add_seconds("edits.edit_ts", "60 * " ~ control_threshold("limit", ["channel"])) }} as limit_ts
    from edits
    inner join orders on edits.order_id = orders.order_id
    {{ control_threshold_joins("E16", ["limit"], at="edits.edit_ts", scopes={"channel": "orders.channel"}) }}

),

order_values as (

    {{ control_order_values("limited", ["order_id", "edit_ts"], "limit_ts") }}

),

cancellations as (

    {{ control_cancellations() }}

),

assessed as (

    select
        orders.order_id || '|' || {{ control_instant("limited.edit_ts") }} as business_key,
        {{ control_instant("limited.edit_ts") }} as opening_key,
        limited.limit_ts as opened_ts,
        orders.order_id,
        orders.channel,
        orders.location,
        orders.region,
        orders.promised_latest_ts as promise_latest_ts,
        limited.evidence_entity,
        limited._file_digest,
        limited._line,
        limited.limit_minutes as threshold_value,
        order_values.value_at_risk_amount,
        case when orders.customer_id is not null then 1 end as customers_affected,
        1 as open_orders_touched,
        limited.edit_ts as began_ts,
        {{ control_first_ending([
            [
                "confirmations.confirmed_ts",
                "confirmations.confirmed_known_ts",
                "case when confirmations.confirmed_by = 'released' then 'released anew' else 'node confirmed' end",
            ],
            ["orders.cancelled_ts", "cancellations.cancelled_known_ts", "'cancelled'"],
        ]) }},
        case when limited.limit_ts is null then 'not_enough_data' end as blocked_code,
        {{ control_silence_known("limited.limit_ts", "limited.first_received_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue
    from limited
    inner join orders on limited.order_id = orders.order_id
    left join confirmations on limited.order_id = confirmations.order_id and limited.edit_ts = confirmations.edit_ts
    left join order_values on limited.order_id = order_values.order_id and limited.edit_ts = order_values.edit_ts
    left join cancellations on limited.order_id = cancellations.order_id
    {{ control_coverage("'order_event'", "limited.limit_ts") }}

),

measured as (

    select
        *,
        {{ control_minutes("began_ts", "coalesce(ended_ts, " ~ as_of() ~ ")") }} as observed_value
    from assessed

),

{{ control_verdict("measured") }}

{{ control_select(
    "E16",
    "evidence_entity",
    has=[
        "channel", "location", "region", "order_id", "observed_value", "threshold_value", "value_at_risk_amount",
        "customers_affected", "promise_latest_ts", "open_orders_touched",
    ],
    is_running=true
) }}
