-- Grain: one allocation attempt that ended because rules conflict, and one part of an order line assigned to a node
-- that has closed for good. E15: two rules of equal priority give different nodes, or the node assigned breaks the
-- policy: it was not in business on that day. What left from there cannot be re-routed.
with lines as (

    select * from {{ ref("fct_order_line") }}
    where not is_test

),

conflicting_lines as (

    select distinct order_line_key
    from {{ ref("fct_allocation_attempt") }}
    where result_code = 'RULE_CONFLICT'

),

attempts as (

    select
        attempts.*,
        row_number() over (
            partition by attempts.order_line_key order by attempts.attempt_no, attempts.attempt_id
        ) as run_no
    from {{ ref("fct_allocation_attempt") }} as attempts
    inner join conflicting_lines on attempts.order_line_key = conflicting_lines.order_line_key

),

reroutes as (

    select
        conflicts.attempt_id,
        min(attempts.attempted_ts) as rerouted_ts,
        {{ min_by_keys("attempts.first_received_ts", ["attempts.attempted_ts", "attempts.attempt_id"]) }} as known_ts
    from attempts as conflicts
    inner join attempts
        on
            conflicts.order_line_key = attempts.order_line_key
            and conflicts.run_no < attempts.run_no
            and attempts.allocated_qty > 0
    where conflicts.result_code = 'RULE_CONFLICT'
    group by conflicts.attempt_id

),

items as (

    select
        conflicts.order_line_key as business_key,
        conflicts.order_line_key,
        conflicts.attempt_id as opening_key,
        conflicts.attempted_ts as began_ts,
        true as is_conflict,
        conflicts.first_received_ts as known_ts,
        reroutes.rerouted_ts,
        reroutes.known_ts as rerouted_known_ts,
        cast(null as timestamp) as left_ts,
        conflicts.location,
        'allocation_attempt' as evidence_entity,
        conflicts._file_digest,
        conflicts._line
    from attempts as conflicts
    left join reroutes on conflicts.attempt_id = reroutes.attempt_id
    where conflicts.result_code = 'RULE_CONFLICT'
    union all
    select
        parts.order_id || '|' || parts.fulfilment_line_id as business_key,
        parts.order_line_key,
        parts.fulfilment_line_id as opening_key,
        parts.assigned_ts as began_ts,
        {{ local_date("parts.assigned_ts", "nodes.time_zone") }} > nodes.closed_date as is_conflict,
        parts.first_received_ts as known_ts,
        case when parts.status_code in ('rejected', 'cancelled') then parts.ended_ts end as rerouted_ts,
        parts.received_ts as rerouted_known_ts,
        parts.left_ts,
        parts.location,
        'fulfilment_line' as evidence_entity,
        parts._file_digest,
        parts._line
    from {{ ref("fct_fulfilment_line") }} as parts
    inner join {{ ref("dim_location") }} as nodes on parts.location_id = nodes.location_id
    where nodes.closed_date is not null

),

limited as (

    select
        items.*,
        lines.order_id,
        lines.sku,
        lines.channel,
        lines.region,
        lines.category,
        lines.supplier,
        lines.cancelled_ts,
        lines.cancelled_received_ts,
        lines.first_promise_latest_ts as promise_latest_ts,
        {{ control_undelivered_value("lines", "items.began_ts") }} as value_at_risk_amount,
        {{ control_threshold("conflicts", ["location", "channel"]) }} as threshold_value
    from items
    inner join lines on items.order_line_key = lines.order_line_key
    {{ control_threshold_joins(
        "E15",
        ["conflicts"],
        at="items.began_ts",
        scopes={"location": "items.location", "channel": "lines.channel"}
    ) }}

),

assessed as (

    select
        limited.*,
        case when limited.is_conflict and limited.threshold_value <= 1 then limited.began_ts end as opened_ts,
        case when limited.is_conflict then 1 else 0 end as observed_value,
        1 as open_orders_touched,
        {{ control_first_ending([
            ["limited.rerouted_ts", "limited.rerouted_known_ts", "'re-routed'"],
            [
                "case when coalesce(limited.cancelled_ts < limited.left_ts, true) then limited.cancelled_ts end",
                "limited.cancelled_received_ts",
                "'cancelled'",
            ],
        ]) }},
        case when limited.threshold_value is null then 'not_enough_data' end as blocked_code,
        {{ control_rows_known("limited.known_ts", "event_coverage") }} as detected_ts,
        event_coverage.is_overdue as is_evidence_overdue
    from limited
    {{ control_coverage("'order_event'", "limited.began_ts", alias="event_coverage") }}

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E15",
    "evidence_entity",
    has=[
        "channel", "location", "region", "category", "supplier", "order_id", "order_line_key", "sku", "observed_value",
        "threshold_value", "value_at_risk_amount", "promise_latest_ts", "open_orders_touched",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"]
) }}
