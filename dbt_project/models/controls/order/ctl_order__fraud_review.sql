-- Grain: one fraud review of an order. E02: the review is open past the limit, in business hours of its owner. No feed
-- carries a fraud score, so that the rule over the score is left out.
with holds as (

    select * from {{ ref("stg_oms__order_hold") }}
    where hold_type = 'fraud'

),

orders as (

    select * from {{ ref("fct_order") }}
    where not is_test

),

limited as (

    select
        holds.hold_id,
        holds.order_id,
        holds.placed_ts,
        holds.released_ts,
        holds.result_code,
        holds.received_ts,
        holds.first_received_ts,
        holds._file_digest,
        holds._line,
        {{ control_threshold("review", ["channel"]) }} as limit_hours
    from holds
    inner join orders on holds.order_id = orders.order_id
    {{ control_threshold_joins("E02", ["review"], at="holds.placed_ts", scopes={"channel": "orders.channel"}) }}

),

reviews as (

    select
        limited.*,
        {{ control_hours_deadline("limited.placed_ts", "limited.limit_hours") }} as due_ts
    from limited
    {{ control_hours_joins("E02", "limited.placed_ts", "limited.limit_hours") }}

),

order_values as (

    {{ control_order_values("reviews", ["hold_id"], "due_ts") }}

),

cancellations as (

    {{ control_cancellations() }}

),

assessed as (

    select
        orders.order_id as business_key,
        reviews.hold_id as opening_key,
        reviews.due_ts as opened_ts,
        orders.order_id,
        orders.channel,
        orders.location,
        orders.region,
        orders.promised_latest_ts as promise_latest_ts,
        reviews._file_digest,
        reviews._line,
        reviews.placed_ts as began_ts,
        reviews.limit_hours as threshold_value,
        order_values.value_at_risk_amount,
        case when orders.customer_id is not null then 1 end as customers_affected,
        1 as open_orders_touched,
        {{ control_first_ending([
            [
                "reviews.released_ts",
                "reviews.received_ts",
                "case when reviews.result_code = 'cancelled' then 'refused' else 'released' end",
            ],
            ["orders.cancelled_ts", "cancellations.cancelled_known_ts", "'cancelled'"],
        ]) }},
        case when reviews.due_ts is null then 'not_enough_data' end as blocked_code,
        {{ control_silence_known("reviews.due_ts", "reviews.first_received_ts", beside="event_coverage") }}
            as detected_ts,
        coverage.is_overdue or coalesce(event_coverage.is_overdue, false) as is_evidence_overdue
    from reviews
    inner join orders on reviews.order_id = orders.order_id
    left join order_values on reviews.hold_id = order_values.hold_id
    left join cancellations on reviews.order_id = cancellations.order_id
    {{ control_coverage("'order_hold'", "reviews.due_ts") }}
    {{ control_coverage("'order_event'", "reviews.due_ts", alias="event_coverage") }}

),

measured as (

    select
        *,
        {{ control_waited_hours("began_ts", "ended_ts") }} as observed_value
    from assessed

),

{{ control_verdict("measured") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E02",
    "'order_hold'",
    has=[
        "channel", "location", "region", "order_id", "observed_value", "threshold_value", "value_at_risk_amount",
        "customers_affected", "promise_latest_ts", "open_orders_touched",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"],
    is_running=true
) }}
