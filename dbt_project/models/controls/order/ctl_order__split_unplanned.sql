-- Grain: one order with more than one outbound shipment. E09: the live ones exceed the channel's rule or the nodes of
-- the first allocation, whichever is less. Replacements do not count.
with shipments as (

    select
        order_id,
        shipment_id,
        shipped_ts,
        first_received_ts,
        received_ts,
        _file_digest,
        _line,
        case when status_code = 'cancelled' then updated_ts end as cancelled_ts,
        row_number() over (partition by order_id order by shipped_ts, shipment_id) as shipment_no,
        count(*) over (partition by order_id) as shipment_count
    from {{ ref("stg_wms__shipment") }}
    where not is_replacement

),

orders as (

    select
        orders.*,
        {{ control_threshold("shipments", ["channel"]) }} as channel_limit
    from {{ ref("fct_order") }} as orders
    inner join shipments
        on orders.order_id = shipments.order_id and shipments.shipment_no = 2
    {{ control_threshold_joins("E09", ["shipments"], at="orders.order_ts", scopes={"channel": "orders.channel"}) }}
    where not orders.is_test

),

-- A line's first allocation lasts until its second run, as in K04.
second_runs as (

    select
        attempts.order_line_key,
        min(attempts.attempted_ts) as second_run_ts
    from {{ ref("fct_allocation_attempt") }} as attempts
    inner join orders on attempts.order_id = orders.order_id
    where not attempts.is_first
    group by attempts.order_line_key

),

plans as (

    select
        parts.order_id,
        count(distinct parts.location_id) as planned_count
    from {{ ref("fct_fulfilment_line") }} as parts
    inner join orders on parts.order_id = orders.order_id
    left join second_runs on parts.order_line_key = second_runs.order_line_key
    where coalesce(parts.assigned_ts < second_runs.second_run_ts, true)
    group by parts.order_id

),

limits as (

    select
        orders.order_id,
        case
            when plans.planned_count < orders.channel_limit then plans.planned_count else orders.channel_limit
        end as allowed_count
    from orders
    left join plans on orders.order_id = plans.order_id

),

cancelled as (

    select
        order_id,
        cancelled_ts,
        received_ts,
        row_number() over (partition by order_id order by cancelled_ts, shipment_id) as cancelled_no
    from shipments
    where cancelled_ts is not null

),

merged as (

    select
        limits.order_id,
        min(cancelled.cancelled_ts) as merged_ts,
        max(cancelled.received_ts) as merged_known_ts
    from limits
    inner join shipments on limits.order_id = shipments.order_id and shipments.shipment_no = 1
    inner join cancelled
        on
            limits.order_id = cancelled.order_id
            and shipments.shipment_count - limits.allowed_count = cancelled.cancelled_no
    group by limits.order_id

),

extra as (

    select
        limits.order_id,
        shipments.shipped_ts as opened_ts,
        shipments.shipment_id,
        shipments.first_received_ts,
        shipments._file_digest,
        shipments._line
    from limits
    inner join shipments
        on limits.order_id = shipments.order_id and limits.allowed_count + 1 = shipments.shipment_no

),

order_values as (

    {{ control_order_values("extra", ["order_id"], "opened_ts") }}

),

cancellations as (

    {{ control_cancellations() }}

),

assessed as (

    select
        orders.order_id as business_key,
        extra.shipment_id as opening_key,
        extra.opened_ts,
        {{ control_rows_known("extra.first_received_ts", "shipment_coverage") }} as detected_ts,
        shipment_coverage.is_overdue as is_evidence_overdue,
        orders.order_id,
        orders.channel,
        orders.location,
        orders.region,
        orders.promised_latest_ts as promise_latest_ts,
        coalesce(extra._file_digest, orders._file_digest) as _file_digest,
        case when extra._file_digest is null then orders._line else extra._line end as _line,
        case when extra._file_digest is null then 'sales_order' else 'shipment' end as evidence_entity,
        shipments.shipment_count as observed_value,
        limits.allowed_count as threshold_value,
        order_values.value_at_risk_amount,
        case when orders.customer_id is not null then 1 end as customers_affected,
        1 as open_orders_touched,
        {{ control_first_ending([
            ["merged.merged_ts", "merged.merged_known_ts", "'shipments merged'"],
            ["orders.completed_ts", "orders.completed_received_ts", "'delivered'"],
            ["orders.cancelled_ts", "cancellations.cancelled_known_ts", "'cancelled'"],
        ]) }},
        case when limits.allowed_count is null then 'not_enough_data' end as blocked_code
    from orders
    inner join limits on orders.order_id = limits.order_id
    inner join shipments on orders.order_id = shipments.order_id and shipments.shipment_no = 1
    left join extra on orders.order_id = extra.order_id
    left join merged on orders.order_id = merged.order_id
    left join order_values on orders.order_id = order_values.order_id
    left join cancellations on orders.order_id = cancellations.order_id
    {{ control_coverage("'shipment'", "extra.opened_ts", alias="shipment_coverage") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E09",
    "evidence_entity",
    has=[
        "channel", "location", "region", "order_id", "observed_value", "threshold_value", "value_at_risk_amount",
        "customers_affected", "promise_latest_ts", "open_orders_touched",
    ]
) }}
