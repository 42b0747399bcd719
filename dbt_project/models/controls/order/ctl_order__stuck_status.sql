-- Grain: one wait of an open order in a status that came near its limit. E06: no status change for longer than the
-- limit of the step: a multiple of the 99th percentile of the same step and order type in the four weeks before the
-- week in which the wait began, in whole hours; where cases are few, a fixed limit. Holds stop the clock, a backorder's
-- date or the release of a preorder starts it, and units ready for pickup wait for the customer.
with orders as (

    select
        *,
        {{ least_ts("closed_ts", "actual_ts") }} as done_ts
    from {{ ref("fct_order") }}
    where is_in_scope

),

changes as (

    select
        order_id,
        event_type as step,
        event_ts,
        event_id as change_key,
        first_received_ts as known_ts,
        case when event_type = 'backordered' then planned_ts end as planned_ts,
        event_type = 'backordered' and planned_ts is null as is_undated,
        'order_event' as evidence_entity,
        _file_digest,
        _line
    from {{ ref("fct_order_event") }}
    where
        event_type in (
            'created', 'authorised', 'released', 'allocated', 'picked', 'packed', 'shipped', 'ready', 'delivered',
            'collected', 'cancelled', 'backordered', 'hold_placed', 'hold_released', 'substituted', 'rerouted',
            'manual_allocation', 'status_forced', 'item_not_found', 'acknowledged'
        )
    union all
    select
        order_id,
        'hold_placed' as step,
        placed_ts as event_ts,
        hold_id as change_key,
        first_received_ts as known_ts,
        cast(null as timestamp) as planned_ts,
        false as is_undated,
        'order_hold' as evidence_entity,
        _file_digest,
        _line
    from {{ ref("stg_oms__order_hold") }}
    union all
    select
        order_id,
        'hold_released' as step,
        released_ts as event_ts,
        hold_id as change_key,
        received_ts as known_ts,
        cast(null as timestamp) as planned_ts,
        false as is_undated,
        'order_hold' as evidence_entity,
        _file_digest,
        _line
    from {{ ref("stg_oms__order_hold") }}
    where released_ts is not null

),

followed as (

    select
        changes.*,
        orders.order_type,
        orders.channel,
        orders.done_ts,
        lead(changes.event_ts) over in_order as next_ts,
        lead(changes.known_ts) over in_order as next_known_ts,
        greatest(
            changes.event_ts,
            coalesce(
                max(changes.planned_ts) over (
                    partition by changes.order_id
                    order by changes.event_ts, changes.change_key, changes.evidence_entity
                    rows between unbounded preceding and current row
                ),
                changes.event_ts
            )
        ) as began_ts
    from changes
    inner join orders on changes.order_id = orders.order_id
    where orders.order_type <> 'preorder' or changes.event_ts >= orders.released_ts
    window in_order as (
        partition by changes.order_id order by changes.event_ts, changes.change_key, changes.evidence_entity
    )

),

waits as (

    select
        *,
        {{ reporting_date("began_ts") }} as began_date,
        {{ reporting_date("next_ts") }} as next_date
    from followed
    where step <> 'hold_placed' and not is_undated and coalesce(event_ts < done_ts, true)

),

ended_waits as (

    select
        order_type,
        step,
        {{ add_days("next_date", "1 - " ~ iso_weekday("next_date")) }} as week_date,
        cast(ceil(cast({{ seconds_between("began_ts", "next_ts") }} as double) / 3600) as bigint) as wait_hours
    from waits
    where next_ts >= began_ts

),

cases as (

    select
        order_type,
        step,
        week_date,
        wait_hours,
        count(*) as case_count
    from ended_waits
    group by order_type, step, week_date, wait_hours

),

-- The four weeks after the one in which a case ended count it.
week_cases as (

    select
        cases.order_type,
        cases.step,
        {{ add_days("cases.week_date", "7 * ahead.weeks") }} as week_date,
        cases.wait_hours,
        cast(sum(cases.case_count) as bigint) as case_count
    from cases
    cross join (
        select 1 as weeks
        union all
        select 2 as weeks
        union all
        select 3 as weeks
        union all
        select 4 as weeks
    ) as ahead
    group by cases.order_type, cases.step, {{ add_days("cases.week_date", "7 * ahead.weeks") }}, cases.wait_hours

),

cumulated as (

    select
        *,
        sum(case_count) over (
            partition by order_type, step, week_date
            order by wait_hours
            rows between unbounded preceding and current row
        ) as upto_count,
        sum(case_count) over (partition by order_type, step, week_date) as week_count
    from week_cases

),

percentiles as (

    select
        order_type,
        step,
        week_date,
        max(week_count) as case_count,
        min(wait_hours) filter (where upto_count >= 0.99 * week_count) as p99_hours
    from cumulated
    group by order_type, step, week_date

),

limited as (

    select
        waits.*,
        greatest(
            {{ control_threshold("floor", ["channel"]) }},
            case
                when percentiles.case_count >= {{ control_threshold("min_cases", ["channel"]) }}
                    then {{ control_threshold("multiple", ["channel"]) }} * percentiles.p99_hours
                else {{ control_threshold("fallback", ["channel"]) }}
            end
        ) as limit_hours
    from waits
    left join percentiles
        on
            waits.order_type = percentiles.order_type
            and waits.step = percentiles.step
            and {{ add_days("waits.began_date", "1 - " ~ iso_weekday("waits.began_date")) }} = percentiles.week_date
    {{ control_threshold_joins(
        "E06",
        ["multiple", "min_cases", "fallback", "floor"],
        at="waits.event_ts",
        scopes={"channel": "waits.channel"}
    ) }}

),

-- What moved on within three quarters of its limit, and was known to, has no row.
timed as (

    select
        *,
        {{ add_seconds("began_ts", "3600 * limit_hours") }} as opened_ts,
        {{ least_ts("next_ts", "done_ts") }} as moved_ts
    from limited
    where
        coalesce({{ least_ts("next_ts", "done_ts") }} > {{ add_seconds("began_ts", "2700 * limit_hours") }}, true)
        or next_known_ts > {{ add_seconds("began_ts", "3600 * (limit_hours + 48)") }}

),

order_values as (

    {{ control_order_values("timed", ["order_id", "change_key"], "opened_ts") }}

),

assessed as (

    select
        orders.order_id || '|' || timed.step as business_key,
        timed.change_key as opening_key,
        timed.opened_ts,
        timed.moved_ts as ended_ts,
        coalesce(timed.next_known_ts, orders.completed_received_ts) as ended_known_ts,
        case when orders.cancelled_ts <= timed.moved_ts then 'cancelled' else 'next status' end as ended_reason,
        timed.began_ts,
        timed.limit_hours as threshold_value,
        timed.evidence_entity,
        timed._file_digest,
        timed._line,
        orders.order_id,
        orders.channel,
        orders.location,
        orders.region,
        orders.promised_latest_ts as promise_latest_ts,
        order_values.value_at_risk_amount,
        case when orders.customer_id is not null then 1 end as customers_affected,
        1 as open_orders_touched,
        case when timed.opened_ts is null then 'not_enough_data' end as blocked_code,
        {{ control_silence_known("timed.opened_ts", "timed.known_ts", beside="hold_coverage") }} as detected_ts,
        coverage.is_overdue or coalesce(hold_coverage.is_overdue, false) as is_evidence_overdue
    from timed
    inner join orders on timed.order_id = orders.order_id
    left join order_values on timed.order_id = order_values.order_id and timed.change_key = order_values.change_key
    {{ control_coverage("'order_event'", "timed.opened_ts") }}
    {{ control_coverage("'order_hold'", "timed.opened_ts", alias="hold_coverage") }}

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
    "E06",
    "evidence_entity",
    has=[
        "channel", "location", "region", "order_id", "observed_value", "threshold_value", "value_at_risk_amount",
        "customers_affected", "promise_latest_ts", "open_orders_touched",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"],
    is_running=true
) }}
