-- Grain: one pickup order that is ready and one time until which it is held. E26: the time comes within the
-- limit and the order is not collected; it ends when it is, when it is held longer, or when it was given up and
-- the stock is free again.
with versions as (

    select * from {{ source("raw", "pickup_task") }}
    where ready_ts is not null and hold_until_ts is not null

),

lines as (

    select * from {{ ref("fct_order_line") }}
    where is_unit_scope

),

tasks as (

    select
        {{ line_key("order_id", "line_no") }} as order_line_key,
        order_id,
        location_id,
        max(ready_qty) as ready_qty,
        max(ready_ts) as ready_ts,
        max(collected_ts) as collected_ts,
        min(received_ts) filter (where collected_ts is not null) as collected_known_ts,
        min(updated_ts) filter (where status_code in ('expired', 'cancelled')) as given_up_ts,
        min(received_ts) filter (where status_code in ('expired', 'cancelled')) as given_up_known_ts
    from versions
    group by order_id, line_no, location_id

),

reservations as (

    select
        order_line_key,
        location_id,
        case when count(ended_ts) = count(*) then max(ended_ts) end as ended_ts,
        max(received_ts) as ended_known_ts
    from {{ ref("fct_reservation") }}
    group by order_line_key, location_id

),

task_ends as (

    select
        tasks.*,
        lines.channel,
        lines.region,
        lines.first_promise_latest_ts,
        {{ money("cast(lines.net_amount * tasks.ready_qty as double) / nullif(lines.ordered_qty, 0)") }}
            as ready_amount,
        case
            when reservations.order_line_key is null then tasks.given_up_ts
            when tasks.given_up_ts is not null and reservations.ended_ts is not null
                then greatest(tasks.given_up_ts, reservations.ended_ts)
        end as put_back_ts,
        {{ greatest_ts("tasks.given_up_known_ts", "reservations.ended_known_ts") }} as put_back_known_ts
    from tasks
    inner join lines on tasks.order_line_key = lines.order_line_key
    left join reservations
        on tasks.order_line_key = reservations.order_line_key and tasks.location_id = reservations.location_id

),

pickups as (

    select
        order_id,
        min(channel) as channel,
        max(location_id) as location_id,
        min(region) as region,
        max(ready_ts) as ready_ts,
        sum(ready_amount) as value_at_risk_amount,
        case when count(collected_ts) = count(*) then max(collected_ts) end as collected_ts,
        max(collected_known_ts) as collected_known_ts,
        case
            when count({{ least_ts("collected_ts", "put_back_ts") }}) = count(*)
                then max({{ least_ts("collected_ts", "put_back_ts") }})
        end as put_back_ts,
        max(put_back_known_ts) as put_back_known_ts
    from task_ends
    group by order_id

),

holds as (

    select
        order_id,
        hold_until_ts,
        min(updated_ts) as set_ts,
        min(received_ts) as known_ts,
        {{ min_by_keys("_file_digest", ["received_ts", "_file_digest", "_line"]) }} as _file_digest,
        {{ min_by_keys("_line", ["received_ts", "_file_digest", "_line"]) }} as _line
    from versions
    group by order_id, hold_until_ts

),

timed as (

    select
        holds.*,
        pickups.channel,
        {{ mapped_dim("pickups.location_id", "locations.location_id") }} as location,
        pickups.region,
        pickups.value_at_risk_amount,
        pickups.collected_ts,
        pickups.collected_known_ts,
        pickups.put_back_ts,
        pickups.put_back_known_ts,
        lead(holds.set_ts) over (partition by holds.order_id order by holds.hold_until_ts) as extended_ts,
        lead(holds.known_ts) over (partition by holds.order_id order by holds.hold_until_ts) as extended_known_ts,
        {{ control_threshold("notice", ["channel", "location"]) }} as notice_hours,
        greatest(
            {{ add_seconds("holds.hold_until_ts", "-3600 * " ~ control_threshold("notice", ["channel", "location"])) }},
            holds.set_ts,
            pickups.ready_ts
        ) as opened_ts
    from holds
    inner join pickups on holds.order_id = pickups.order_id
    left join {{ ref("dim_location") }} as locations on pickups.location_id = locations.location_id
    {{ control_threshold_joins(
        "E26",
        ["notice"],
        at="holds.hold_until_ts",
        scopes={"channel": "pickups.channel", "location": "pickups.location_id"}
    ) }}

),

assessed as (

    select
        timed.*,
        timed.order_id as business_key,
        {{ control_instant("timed.hold_until_ts") }} as opening_key,
        {{ control_silence_known("timed.opened_ts", "timed.known_ts", beside="event_coverage") }} as detected_ts,
        coverage.is_overdue or coalesce(event_coverage.is_overdue, false) as is_evidence_overdue,
        {{ control_first_ending([
            ["timed.collected_ts", "timed.collected_known_ts", "'collected'"],
            ["timed.extended_ts", "timed.extended_known_ts", "'held longer'"],
            ["timed.put_back_ts", "timed.put_back_known_ts", "'put back'"],
            ["orders.cancelled_ts", "orders.received_ts", "'cancelled'"],
        ]) }},
        case when timed.opened_ts is null then 'not_enough_data' end as blocked_code,
        {{ decimal_of(
            "cast(" ~ seconds_between("timed.opened_ts", "timed.hold_until_ts") ~ " as double) / 3600", 38, 6
        ) }} as observed_value,
        timed.notice_hours as threshold_value,
        case when orders.customer_id is not null then 1 end as customers_affected,
        1 as open_orders_touched
    from timed
    inner join {{ ref("fct_order") }} as orders on timed.order_id = orders.order_id
    {{ control_coverage("'pickup_task'", "timed.opened_ts") }}
    {{ control_coverage("'order_event'", "timed.opened_ts", alias="event_coverage") }}

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E26",
    "'pickup_task'",
    has=[
        "channel", "location", "region", "order_id", "observed_value", "threshold_value", "value_at_risk_amount",
        "customers_affected", "open_orders_touched",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"]
) }}
