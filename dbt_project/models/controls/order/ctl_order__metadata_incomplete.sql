-- Grain: one marketplace order. E04: tax, shipping or item mapping is missing past the grace after the
-- order was placed.
with orders as (

    select * from {{ ref("fct_order") }}
    where is_marketplace

),

gaps as (

    select * from {{ ref("int_control__metadata_gap") }}

),

lines as (

    select * from {{ ref("fct_order_line") }}

),

deadlines as (

    select
        orders.*,
        {{ control_threshold("missing_fields", ["channel"]) }} as fewest_fields,
        {{ add_seconds("orders.order_ts", "60 * " ~ control_threshold("grace", ["channel"])) }} as deadline_ts,
        gaps.missing_fields
    from orders
    left join gaps on orders.order_id = gaps.order_id
    {{ control_threshold_joins(
        "E04", ["missing_fields", "grace"], at="orders.order_ts", scopes={"channel": "orders.channel"}
    ) }}

),

order_values as (

    select
        deadlines.order_id,
        sum({{ control_undelivered_value("lines", "deadlines.deadline_ts") }}) as value_at_risk_amount,
        max(lines.cancelled_received_ts) as cancelled_known_ts
    from deadlines
    inner join lines on deadlines.order_id = lines.order_id
    where deadlines.missing_fields is not null
    group by deadlines.order_id

),

assessed as (

    select
        deadlines.order_id,
        deadlines.channel,
        deadlines.location,
        deadlines.region,
        deadlines.fewest_fields as threshold_value,
        deadlines.missing_fields as observed_value,
        deadlines.promised_latest_ts as promise_latest_ts,
        deadlines._file_digest,
        deadlines._line,
        order_values.value_at_risk_amount,
        coverage.is_overdue as is_evidence_overdue,
        case when deadlines.customer_id is not null then 1 end as customers_affected,
        1 as open_orders_touched,
        deadlines.channel_id || '|' || deadlines.external_order_key as business_key,
        deadlines.order_id as opening_key,
        case
            when deadlines.is_test then 'not_applicable'
            when deadlines.deadline_ts is null or deadlines.fewest_fields is null then 'not_enough_data'
        end as blocked_code,
        case when deadlines.missing_fields >= deadlines.fewest_fields then deadlines.deadline_ts end as opened_ts,
        {{ control_silence_known(
            "deadlines.deadline_ts", "deadlines.first_received_ts", beside=["line_coverage", "event_coverage"]
        ) }} as detected_ts,
        {{ control_first_ending([
            ["deadlines.metadata_complete_ts", "deadlines.metadata_complete_received_ts", "'completed'"],
            ["deadlines.cancelled_ts", "order_values.cancelled_known_ts", "'cancelled'"],
        ]) }}
    from deadlines
    left join order_values on deadlines.order_id = order_values.order_id
    {{ control_coverage("'sales_order'", "deadlines.deadline_ts") }}
    {{ control_coverage("'sales_order_line'", "deadlines.deadline_ts", alias="line_coverage") }}
    {{ control_coverage("'order_event'", "deadlines.deadline_ts", alias="event_coverage") }}

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E04",
    "'sales_order'",
    has=[
        "channel", "location", "region", "order_id", "observed_value", "threshold_value", "value_at_risk_amount",
        "customers_affected", "promise_latest_ts", "open_orders_touched",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"]
) }}
