-- Grain: one demand on the payment of an order: its authorisation, each payment hold, and each shipment whose
-- capture was missing at its limit. E01: not authorised, or on payment hold, past the limit after the order; or
-- capture failed or missing past the limit after the shipment. Marketplaces capture for themselves (E55b).
with orders as (

    select
        orders.*,
        {{ control_threshold("authorise", ["channel"]) }} as authorise_minutes,
        {{ control_threshold("capture", ["channel"]) }} as capture_hours,
        {{ control_threshold("tolerance", ["channel"]) }} as tolerance
    from {{ ref("fct_order") }} as orders
    {{ control_threshold_joins(
        "E01",
        ["authorise", "capture", "tolerance"],
        at="orders.order_ts",
        scopes={"channel": "orders.channel"}
    ) }}
    where not orders.is_test

),

payments as (

    select * from {{ ref("fct_payment") }}
    where status_code = 'succeeded' and payment_type in ('authorisation', 'capture')

),

authorised as (

    select
        order_id,
        min(event_ts) as authorised_ts,
        {{ min_by_keys("received_ts", ["event_ts", "payment_id"]) }} as authorised_known_ts
    from payments
    group by order_id

),

-- What left so far of each order's goods is worth, tax included: what has to be captured.
issues as (

    select
        orders.order_id,
        issue.issued_ts,
        orders.tolerance,
        {{ add_seconds("issue.issued_ts", "3600 * orders.capture_hours") }} as limit_ts,
        sum({{ cumulative_part(
            "line.net_amount_local + line.tax_amount_local", "issue.upto_qty", "issue.before_qty", "issue.priced_qty"
        ) }}) as issued_amount,
        min(case when line.net_amount_local > 0 then cast(line.net_amount as double) / line.net_amount_local end)
            as rate,
        max(issue.received_ts) as issue_known_ts
    from {{ ref("int_finance__goods_issue") }} as issue
    inner join {{ ref("fct_order_line") }} as line on issue.order_line_key = line.order_line_key
    inner join orders on line.order_id = orders.order_id
    where not issue.is_replacement and not orders.is_marketplace
    group by orders.order_id, issue.issued_ts, orders.tolerance, orders.capture_hours

),

due_captures as (

    select
        *,
        sum(issued_amount) over (
            partition by order_id order by issued_ts rows between unbounded preceding and current row
        ) as due_amount
    from issues

),

captures as (

    select
        order_id,
        event_ts,
        payment_id,
        received_ts,
        sum(amount_local) over (
            partition by order_id order by event_ts, payment_id rows between unbounded preceding and current row
        ) as captured_amount
    from payments
    where payment_type = 'capture'

),

captured as (

    select
        due_captures.order_id,
        due_captures.issued_ts,
        due_captures.issue_known_ts,
        due_captures.limit_ts,
        due_captures.rate,
        due_captures.due_amount,
        min(captures.event_ts) filter (
            where captures.captured_amount + due_captures.tolerance >= due_captures.due_amount
        ) as captured_ts,
        {{ min_by_keys(
            "captures.received_ts",
            ["captures.event_ts", "captures.payment_id"],
            where="captures.captured_amount + due_captures.tolerance >= due_captures.due_amount"
        ) }} as captured_known_ts,
        max(captures.captured_amount) filter (where captures.event_ts <= due_captures.limit_ts) as captured_amount
    from due_captures
    left join captures on due_captures.order_id = captures.order_id
    where due_captures.due_amount > due_captures.tolerance
    group by
        due_captures.order_id, due_captures.issued_ts, due_captures.issue_known_ts, due_captures.limit_ts,
        due_captures.rate, due_captures.due_amount

),

demands as (

    select
        orders.order_id,
        'authorise' as opening_key,
        'payment' as feed,
        'sales_order' as evidence_entity,
        orders.order_ts as began_ts,
        {{ add_seconds("orders.order_ts", "60 * orders.authorise_minutes") }} as opened_ts,
        orders.first_received_ts as known_ts,
        authorised.authorised_ts as settled_ts,
        authorised.authorised_known_ts as settled_known_ts,
        'authorised' as settled_reason,
        orders.authorise_minutes as threshold_value,
        cast(null as decimal(18, 2)) as missing_amount,
        orders._file_digest,
        orders._line
    from orders
    left join authorised on orders.order_id = authorised.order_id
    where coalesce(orders.total_amount_local <> 0, true)
    union all
    select
        orders.order_id,
        holds.hold_id as opening_key,
        'order_hold' as feed,
        'order_hold' as evidence_entity,
        orders.order_ts as began_ts,
        greatest(holds.placed_ts, {{ add_seconds("orders.order_ts", "60 * orders.authorise_minutes") }}) as opened_ts,
        holds.first_received_ts as known_ts,
        holds.released_ts as settled_ts,
        holds.received_ts as settled_known_ts,
        case when holds.result_code = 'cancelled' then 'cancelled' else 'payment hold released' end as settled_reason,
        orders.authorise_minutes as threshold_value,
        cast(null as decimal(18, 2)) as missing_amount,
        holds._file_digest,
        holds._line
    from {{ ref("stg_oms__order_hold") }} as holds
    inner join orders on holds.order_id = orders.order_id
    where holds.hold_type = 'payment'
    union all
    select
        orders.order_id,
        'capture ' || {{ control_instant("captured.issued_ts") }} as opening_key,
        'payment' as feed,
        'sales_order' as evidence_entity,
        captured.issued_ts as began_ts,
        captured.limit_ts as opened_ts,
        captured.issue_known_ts as known_ts,
        captured.captured_ts as settled_ts,
        captured.captured_known_ts as settled_known_ts,
        'captured' as settled_reason,
        60 * orders.capture_hours as threshold_value,
        {{ money(
            "greatest(captured.due_amount - coalesce(captured.captured_amount, 0), 0) * cast(captured.rate as double)"
        ) }}
            as missing_amount,
        orders._file_digest,
        orders._line
    from captured
    inner join orders on captured.order_id = orders.order_id
    where coalesce(captured.captured_ts > captured.limit_ts or captured.captured_known_ts > captured.limit_ts, true)

),

order_values as (

    {{ control_order_values("demands", ["order_id", "opening_key"], "opened_ts") }}

),

cancellations as (

    {{ control_cancellations() }}

),

assessed as (

    select
        demands.order_id as business_key,
        demands.opening_key,
        demands.opened_ts,
        demands.evidence_entity,
        demands.threshold_value,
        demands._file_digest,
        demands._line,
        orders.order_id,
        orders.channel,
        orders.location,
        orders.region,
        orders.promised_latest_ts as promise_latest_ts,
        case when orders.customer_id is not null then 1 end as customers_affected,
        1 as open_orders_touched,
        demands.began_ts,
        coalesce(demands.missing_amount, order_values.value_at_risk_amount) as value_at_risk_amount,
        {{ control_first_ending([
            ["demands.settled_ts", "demands.settled_known_ts", "demands.settled_reason"],
            [
                "case when demands.missing_amount is null then orders.cancelled_ts end",
                "cancellations.cancelled_known_ts",
                "'cancelled'",
            ],
        ]) }},
        case when demands.opened_ts is null then 'not_enough_data' end as blocked_code,
        {{ control_silence_known("demands.opened_ts", "demands.known_ts", beside="event_coverage") }} as detected_ts,
        coverage.is_overdue or coalesce(event_coverage.is_overdue, false) as is_evidence_overdue
    from demands
    inner join orders on demands.order_id = orders.order_id
    left join order_values
        on demands.order_id = order_values.order_id and demands.opening_key = order_values.opening_key
    left join cancellations on demands.order_id = cancellations.order_id
    {{ control_coverage("demands.feed", "demands.opened_ts") }}
    {{ control_coverage("'order_event'", "demands.opened_ts", alias="event_coverage") }}

),

measured as (

    select
        *,
        {{ control_minutes("began_ts", "coalesce(ended_ts, " ~ as_of() ~ ")") }} as observed_value
    from assessed

),

{{ control_verdict("measured") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E01",
    "evidence_entity",
    has=[
        "channel", "location", "region", "order_id", "observed_value", "threshold_value", "value_at_risk_amount",
        "customers_affected", "promise_latest_ts", "open_orders_touched",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"],
    is_running=true
) }}
