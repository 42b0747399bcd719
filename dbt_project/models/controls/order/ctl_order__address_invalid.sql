-- Grain: one address hold of an order, which tells that the validation of the address failed. E03: it did so before the
-- order was shipped.
with holds as (

    select * from {{ ref("stg_oms__order_hold") }}
    where hold_type = 'address'

),

orders as (

    select * from {{ ref("fct_order") }}
    where not is_test

),

failures as (

    select
        holds.*,
        {{ control_threshold("failures", ["channel"]) }} as threshold_value
    from holds
    inner join orders on holds.order_id = orders.order_id
    {{ control_threshold_joins("E03", ["failures"], at="holds.placed_ts", scopes={"channel": "orders.channel"}) }}

),

counted as (

    select
        *,
        count(*) over (
            partition by order_id order by placed_ts, hold_id rows between unbounded preceding and current row
        ) as failure_no
    from failures

),

order_values as (

    {{ control_order_values("counted", ["hold_id"], "placed_ts") }}

),

cancellations as (

    {{ control_cancellations() }}

),

assessed as (

    select
        orders.order_id as business_key,
        counted.hold_id as opening_key,
        case
            when counted.failure_no >= counted.threshold_value and coalesce(orders.shipped_ts > counted.placed_ts, true)
                then counted.placed_ts
        end as opened_ts,
        orders.order_id,
        orders.channel,
        orders.location,
        orders.region,
        orders.promised_latest_ts as promise_latest_ts,
        counted._file_digest,
        counted._line,
        counted.failure_no as observed_value,
        counted.threshold_value,
        order_values.value_at_risk_amount,
        case when orders.customer_id is not null then 1 end as customers_affected,
        1 as open_orders_touched,
        {{ control_first_ending([
            [
                "counted.released_ts",
                "counted.received_ts",
                "case when counted.result_code = 'cancelled' then 'cancelled' else 'valid address on record' end",
            ],
            ["orders.completed_ts", "orders.completed_received_ts", "'delivered'"],
            ["orders.cancelled_ts", "cancellations.cancelled_known_ts", "'cancelled'"],
        ]) }},
        case when counted.threshold_value is null then 'not_enough_data' end as blocked_code,
        {{ control_rows_known("counted.first_received_ts", "hold_coverage") }} as detected_ts,
        hold_coverage.is_overdue as is_evidence_overdue
    from counted
    inner join orders on counted.order_id = orders.order_id
    left join order_values on counted.hold_id = order_values.hold_id
    left join cancellations on counted.order_id = cancellations.order_id
    {{ control_coverage("'order_hold'", "counted.placed_ts", alias="hold_coverage") }}

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E03",
    "'order_hold'",
    has=[
        "channel", "location", "region", "order_id", "observed_value", "threshold_value", "value_at_risk_amount",
        "customers_affected", "promise_latest_ts", "open_orders_touched",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"]
) }}
