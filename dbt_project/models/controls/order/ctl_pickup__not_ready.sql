-- Grain: one order with lines that the customer picks up. E24: the end of the first promise has passed and
-- a line is not ready, or the customer was not told. An order opens at the earliest deadline that a line
-- missed and closes with its last line.
with lines as (

    select * from {{ ref("fct_order_line") }}
    where is_in_scope and fulfilment_method_code = 'pickup'

),

told as (

    select * from {{ ref("int_control__pickup_told") }}

),

orders as (

    select
        order_id,
        customer_id,
        _file_digest,
        _line
    from {{ ref("fct_order") }}

),

feed as (

    select case when has_told_pickup then 'pickup_task' else 'order_event' end as entity
    from {{ ref("int_order__feed_evidence") }}

),

timed as (

    select
        lines.*,
        {{ control_threshold("grace", ["channel", "location"]) }} as grace_minutes,
        {{ add_seconds(
            "lines.first_promise_latest_ts", "60 * " ~ control_threshold("grace", ["channel", "location"])
        ) }} as deadline_ts,
        {{ control_first_ending([
            [
                "coalesce(told.told_ts, case when lines.ready_ts is not null and lines.notified_ts is not null"
                ~ " then greatest(lines.ready_ts, lines.notified_ts) end)",
                "coalesce(told.told_known_ts, lines.actual_received_ts)",
                "'ready and customer notified'",
            ],
            ["lines.cancelled_ts", "lines.cancelled_received_ts", "'cancelled'"],
        ]) }}
    from lines
    left join told on lines.order_line_key = told.order_line_key
    {{ control_threshold_joins(
        "E24",
        ["grace"],
        at="lines.first_promise_latest_ts",
        scopes={"channel": "lines.channel", "location": "lines.location"}
    ) }}

),

covered as (

    select
        timed.*,
        coverage.is_overdue or coalesce(event_coverage.is_overdue, false) as is_overdue,
        {{ control_silence_known("timed.deadline_ts", "timed.first_promise_received_ts", beside="event_coverage") }}
            as line_detected_ts
    from timed
    cross join feed
    {{ control_coverage("feed.entity", "timed.deadline_ts") }}
    {{ control_coverage("'order_event'", "timed.deadline_ts", alias="event_coverage") }}

),

kept as (

    select
        *,
        case
            when coalesce(ended_ts > deadline_ts, true) then 1 when ended_known_ts > line_detected_ts then 2 else 3
        end as kept_rank
    from covered

),

ranked as (

    select
        *,
        min(kept_rank) over (partition by order_id) as worst_rank
    from kept

),

pickups as (

    select
        order_id,
        min(channel) as channel,
        max(location) as location,
        min(region) as region,
        min(grace_minutes) as threshold_value,
        count(*) filter (where deadline_ts is null) as undated_lines,
        max(first_promise_latest_ts) as promise_latest_ts,
        min(deadline_ts) filter (where kept_rank = worst_rank) as opened_ts,
        min(line_detected_ts) filter (where kept_rank = worst_rank and kept_rank < 3) as detected_ts,
        bool_or(is_overdue) filter (where kept_rank = worst_rank) as is_evidence_overdue,
        case
            when max(worst_rank) > 1 then min(ended_ts) filter (where kept_rank = worst_rank)
            when count(*) = count(ended_ts) then max(ended_ts)
        end as ended_ts,
        max(ended_known_ts) filter (where worst_rank = 1 or kept_rank = worst_rank) as ended_known_ts,
        {{ max_by_keys("ended_reason", ["ended_ts", "ended_reason"], where="ended_ts is not null") }} as ended_reason,
        sum({{ control_undelivered_value("ranked", "deadline_ts") }}) as value_at_risk_amount
    from ranked
    group by order_id

),

assessed as (

    select
        pickups.*,
        orders._file_digest,
        orders._line,
        pickups.order_id as business_key,
        {{ control_instant("pickups.opened_ts") }} as opening_key,
        case when pickups.undated_lines > 0 and pickups.opened_ts is null then 'not_enough_data' end as blocked_code,
        {{ control_minutes("pickups.opened_ts", "coalesce(pickups.ended_ts, " ~ as_of() ~ ")") }} as observed_value,
        case when orders.customer_id is not null then 1 end as customers_affected,
        1 as open_orders_touched
    from pickups
    inner join orders on pickups.order_id = orders.order_id

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E24",
    "'sales_order'",
    has=[
        "channel", "location", "region", "order_id", "observed_value", "threshold_value", "value_at_risk_amount",
        "customers_affected", "promise_latest_ts", "open_orders_touched",
    ],
    is_running=true
) }}
