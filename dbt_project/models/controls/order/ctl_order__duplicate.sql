-- Grain: one external order key of a channel. E05: it stands in two or more live orders. Exchanges and
-- replacements carry the key of their original and are no duplicates.
with orders as (

    select
        *,
        row_number() over (partition by channel_id, external_order_key order by order_ts, order_id) as taken_no
    from {{ ref("fct_order") }}
    where not is_test and order_type not in ('exchange', 'replacement')

),

lines as (

    select * from {{ ref("fct_order_line") }}

),

repeated_orders as (

    select repeated.*
    from orders
    inner join orders as repeated
        on
            orders.channel_id = repeated.channel_id
            and orders.external_order_key = repeated.external_order_key
            and orders.taken_no = 2

),

order_values as (

    select
        repeated_orders.order_id,
        max(lines.cancelled_received_ts) as cancelled_known_ts,
        sum({{ control_undelivered_value("lines", "repeated_orders.order_ts") }}) as undelivered_amount
    from repeated_orders
    inner join lines on repeated_orders.order_id = lines.order_id
    group by repeated_orders.order_id

),

endings as (

    select
        repeated_orders.*,
        order_values.cancelled_known_ts,
        order_values.undelivered_amount,
        count(*) over (
            partition by repeated_orders.channel_id, repeated_orders.external_order_key
        ) as order_count,
        row_number() over (
            partition by repeated_orders.channel_id, repeated_orders.external_order_key
            order by coalesce(repeated_orders.cancelled_ts, cast('9999-12-31' as timestamp)), repeated_orders.order_id
        ) as cancelled_no
    from repeated_orders
    left join order_values on repeated_orders.order_id = order_values.order_id

),

duplicates as (

    select
        channel_id,
        external_order_key,
        max(order_count) as order_count,
        max(order_ts) filter (where taken_no = 2) as second_ts,
        max(first_received_ts) filter (where taken_no <= 2) as both_received_ts,
        max(case when cancelled_no = order_count - 1 then cancelled_ts end) as one_left_ts,
        max(case when cancelled_no = order_count - 1 then cancelled_known_ts end) as one_left_known_ts,
        sum(undelivered_amount) filter (where taken_no > 1) as value_at_risk_amount,
        count(distinct customer_id) as customers_affected,
        min(promised_latest_ts) as promise_latest_ts
    from endings
    group by channel_id, external_order_key

),

assessed as (

    select
        orders.order_id,
        orders.channel,
        orders.location,
        orders.region,
        orders._file_digest,
        orders._line,
        orders.channel_id || '|' || orders.external_order_key as business_key,
        orders.order_id as opening_key,
        coalesce(duplicates.order_count, 1) as observed_value,
        {{ control_threshold("live_orders", ["channel"]) }} as threshold_value,
        case
            when duplicates.order_count > 1 and {{ control_threshold("live_orders", ["channel"]) }} is null
                then 'not_enough_data'
        end as blocked_code,
        case
            when duplicates.order_count >= {{ control_threshold("live_orders", ["channel"]) }} then orders.order_ts
        end as opened_ts,
        {{ control_rows_known("duplicates.both_received_ts", "event_coverage") }} as detected_ts,
        event_coverage.is_overdue as is_evidence_overdue,
        duplicates.one_left_ts as ended_ts,
        duplicates.one_left_known_ts as ended_known_ts,
        'one live order left' as ended_reason,
        duplicates.value_at_risk_amount,
        duplicates.customers_affected,
        duplicates.promise_latest_ts,
        duplicates.order_count as open_orders_touched
    from orders
    left join duplicates
        on orders.channel_id = duplicates.channel_id and orders.external_order_key = duplicates.external_order_key
    {{ control_threshold_joins(
        "E05", ["live_orders"], at="duplicates.second_ts", scopes={"channel": "orders.channel"}
    ) }}
    {{ control_coverage("'order_event'", "duplicates.second_ts", alias="event_coverage") }}
    where orders.taken_no = case when duplicates.order_count is null then 1 else 2 end

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E05",
    "'sales_order'",
    has=[
        "channel", "location", "region", "order_id", "observed_value", "threshold_value", "value_at_risk_amount",
        "customers_affected", "promise_latest_ts", "open_orders_touched",
    ]
) }}
