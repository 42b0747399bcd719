-- Grain: one stretch in which the active reservations of an order line exceed what the line still needs, and one row a
-- line that had none. E31: for longer than the limit. Needed are the units neither cancelled nor gone with a parcel or
-- the customer. Lines of which no more was ever reserved than they need, and nothing after units left, have no row.
with lines as (

    select * from {{ ref("fct_order_line") }}

),

reservations as (

    select
        *,
        coalesce(
            {{ least_ts("ended_ts", "case when reservation_type = 'soft' then expires_ts end") }},
            case when status_code <> 'active' then created_ts end
        ) as released_ts
    from {{ ref("fct_reservation") }}
    where order_line_key is not null

),

reserved as (

    select
        order_line_key,
        sum(quantity) as reserved_qty,
        case
            when count(*) = count(released_ts) then max(released_ts) else cast('9999-12-31' as timestamp)
        end as reserved_until_ts,
        {{ max_by_keys("location", ["created_ts", "reservation_id"]) }} as location,
        {{ max_by_keys("region", ["created_ts", "reservation_id"]) }} as region,
        {{ max_by_keys("_file_digest", ["created_ts", "reservation_id"]) }} as _file_digest,
        {{ max_by_keys("_line", ["created_ts", "reservation_id"]) }} as _line
    from reservations
    group by order_line_key

),

departures as (

    select
        order_line_key,
        shipped_ts as event_ts,
        shipped_qty as gone_qty,
        first_received_ts as known_ts
    from {{ ref("fct_shipment_line") }}
    where shipped_ts is not null and not is_cancelled and not is_replacement
    union all
    select
        order_line_key,
        collected_ts as event_ts,
        collected_qty as gone_qty,
        received_ts as known_ts
    from {{ ref("fct_pickup_line") }}
    where collected_ts is not null

),

first_departures as (

    select
        order_line_key,
        min(event_ts) as departed_ts
    from departures
    group by order_line_key

),

candidates as (

    select
        reserved.*,
        lines.order_id,
        lines.sku,
        lines.channel,
        lines.category,
        lines.supplier,
        lines.ordered_qty,
        lines.unit_cost_amount
    from reserved
    inner join lines on reserved.order_line_key = lines.order_line_key
    left join first_departures on reserved.order_line_key = first_departures.order_line_key
    where
        reserved.reserved_qty > lines.ordered_qty - lines.cancelled_qty
        or reserved.reserved_until_ts > first_departures.departed_ts

),

changes as (

    select
        order_line_key,
        created_ts as event_ts,
        quantity as active_change,
        0 as needed_change,
        first_received_ts as known_ts
    from reservations
    union all
    select
        order_line_key,
        released_ts as event_ts,
        -quantity as active_change,
        0 as needed_change,
        received_ts as known_ts
    from reservations
    where released_ts is not null
    union all
    select
        order_line_key,
        event_ts,
        0 as active_change,
        -cancelled_qty as needed_change,
        first_received_ts as known_ts
    from {{ ref("fct_cancellation") }}
    union all
    select
        order_line_key,
        event_ts,
        0 as active_change,
        -gone_qty as needed_change,
        known_ts
    from departures

),

instants as (

    select
        candidates.order_line_key,
        changes.event_ts,
        min(candidates.channel) as channel,
        min(candidates.ordered_qty) as ordered_qty,
        sum(changes.active_change) as active_change,
        sum(changes.needed_change) as needed_change,
        max(changes.known_ts) as known_ts
    from candidates
    inner join changes on candidates.order_line_key = changes.order_line_key
    group by candidates.order_line_key, changes.event_ts

),

balances as (

    select
        *,
        {{ whole("sum(active_change) over upto") }}
        - greatest(ordered_qty + {{ whole("sum(needed_change) over upto") }}, 0) as surplus_qty,
        lead(event_ts) over (partition by order_line_key order by event_ts) as next_ts,
        lead(known_ts) over (partition by order_line_key order by event_ts) as next_known_ts
    from instants
    window upto as (partition by order_line_key order by event_ts rows between unbounded preceding and current row)

),

limited as (

    select
        balances.*,
        {{ control_threshold("units", ["channel"]) }} as fewest_units,
        {{ control_threshold("limit", ["channel"]) }} as limit_minutes,
        balances.surplus_qty >= coalesce({{ control_threshold("units", ["channel"]) }}, 1) as is_surplus
    from balances
    {{ control_threshold_joins(
        "E31", ["units", "limit"], at="balances.event_ts", scopes={"channel": "balances.channel"}
    ) }}

),

{{ control_stretches("limited", "is_surplus", ["order_line_key"], "event_ts") }},

stretches as (

    select
        order_line_key,
        min(event_ts) as began_ts,
        {{ min_by_keys("known_ts", ["event_ts"]) }} as known_ts,
        max(limit_minutes) as limit_minutes,
        max(fewest_units) as threshold_value,
        max(surplus_qty) as surplus_qty,
        case when count(*) = count(next_ts) then max(next_ts) end as ended_ts,
        {{ max_by_keys("next_known_ts", ["event_ts"]) }} as ended_known_ts
    from numbered
    group by order_line_key, stretch_no

),

timed as (

    select
        *,
        {{ add_seconds("began_ts", "60 * limit_minutes") }} as opened_ts
    from stretches

),

assessed as (

    select
        candidates.*,
        candidates.order_line_key as business_key,
        {{ control_instant("timed.began_ts") }} as opening_key,
        timed.opened_ts,
        {{ control_silence_known("timed.opened_ts", "timed.known_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        timed.ended_ts,
        timed.ended_known_ts,
        'surplus released' as ended_reason,
        case when timed.began_ts is not null and timed.opened_ts is null then 'not_enough_data' end as blocked_code,
        coalesce(timed.surplus_qty, 0) as observed_value,
        timed.threshold_value,
        {{ money("timed.surplus_qty * candidates.unit_cost_amount") }} as value_at_risk_amount
    from candidates
    left join timed on candidates.order_line_key = timed.order_line_key
    {{ control_coverage("'reservation'", "timed.opened_ts") }}

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E31",
    "'reservation'",
    has=[
        "channel", "location", "region", "category", "supplier", "order_id", "order_line_key", "sku", "observed_value",
        "threshold_value", "value_at_risk_amount",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"]
) }}
