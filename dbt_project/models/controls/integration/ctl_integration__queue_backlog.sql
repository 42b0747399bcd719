-- Grain: one hour from which on more messages of an interface waited than both limits allow, and one row an
-- interface that had none. E65i: more than the first limit and the multiple of the median at that hour of the
-- last 28 days; it ends at the first full hour at which less than half of what opened it waits. Waiting: sent,
-- and neither applied nor failed.
with waits as (

    select
        message_id,
        interface_id,
        interface,
        object_type,
        business_key as object_key,
        sku,
        location_id,
        event_ts,
        effective_applied_ts,
        _file_digest,
        _line,
        {{ full_hour("sent_ts") }} as from_hour,
        coalesce(
            {{ full_hour(
                "least(applied_ts, effective_applied_ts, case when is_failed_now then first_failed_ts end)"
            ) }},
            {{ no_last_hour() }}
        ) as to_hour
    from {{ ref("fct_message") }}
    where is_representative

),

waiting as (

    select * from waits
    where from_hour < to_hour

),

changes as (

    select
        interface_id,
        from_hour as hour_no,
        1 as more_count
    from waiting
    union all
    select
        interface_id,
        to_hour as hour_no,
        -1 as more_count
    from waiting
    where to_hour < {{ no_last_hour() }}

),

per_hour as (

    select
        interface_id,
        hour_no,
        sum(more_count) as more_count
    from changes
    group by interface_id, hour_no

),

depths as (

    select
        interface_id,
        hour_no as from_hour,
        coalesce(lead(hour_no) over by_hour, {{ no_last_hour() }}) as to_hour,
        {{ whole("sum(more_count) over by_hour") }} as depth
    from per_hour
    window by_hour as (partition by interface_id order by hour_no)

),

interfaces as (

    select
        waits.interface_id,
        min(waits.interface) as interface,
        min({{ control_threshold("messages", ["interface"]) }}) as fewest_messages,
        min({{ control_threshold("multiple", ["interface"]) }}) as multiple,
        min(waits._file_digest) as _file_digest,
        {{ min_by_keys("waits._line", ["waits._file_digest", "waits._line"]) }} as _line
    from waits
    {{ control_threshold_joins(
        "E65i", ["messages", "multiple"], at=as_of(), scopes={"interface": "waits.interface"}
    ) }}
    group by waits.interface_id

),

first_hours as (

    select {{ first_hour_of_day("date_day") }} as hour_no
    from {{ ref("dim_date") }}

),

full_hours as (

    select first_hours.hour_no + steps.step_no as hour_no
    from first_hours
    cross join (
        {%- for step in range(24) %}
        select {{ step }} as step_no{{ " union all" if not loop.last }}
        {%- endfor %}
    ) as steps

),

deep_hours as (

    select distinct
        depths.interface_id,
        full_hours.hour_no,
        depths.depth
    from depths
    inner join interfaces on depths.interface_id = interfaces.interface_id and depths.depth > interfaces.fewest_messages
    inner join full_hours on depths.from_hour <= full_hours.hour_no and depths.to_hour > full_hours.hour_no
    where full_hours.hour_no < {{ hour_after_as_of() }}

),

-- The same hour of the 28 days before; those at which nothing waited come first.
earlier as (

    select
        deep_hours.interface_id,
        deep_hours.hour_no,
        depths.depth,
        row_number() over (
            partition by deep_hours.interface_id, deep_hours.hour_no order by depths.depth, steps.step_no
        ) as depth_rank,
        28 - count(*) over (partition by deep_hours.interface_id, deep_hours.hour_no) as empty_days
    from deep_hours
    cross join (
        {%- for step in range(1, 29) %}
        select {{ step }} as step_no{{ " union all" if not loop.last }}
        {%- endfor %}
    ) as steps
    inner join depths
        on
            deep_hours.interface_id = depths.interface_id
            and deep_hours.hour_no - 24 * steps.step_no >= depths.from_hour
            and deep_hours.hour_no - 24 * steps.step_no < depths.to_hour
    where depths.depth > 0

),

medians as (

    select
        interface_id,
        hour_no,
        cast(sum(depth) as double) / 2 as median_depth
    from earlier
    where depth_rank + empty_days in (14, 15)
    group by interface_id, hour_no

),

alarms as (

    select
        deep_hours.interface_id,
        deep_hours.hour_no,
        deep_hours.depth,
        greatest(
            cast(interfaces.fewest_messages as double), interfaces.multiple * coalesce(medians.median_depth, 0)
        ) as limit_depth,
        coalesce(
            lag(deep_hours.hour_no) over (partition by deep_hours.interface_id order by deep_hours.hour_no)
            < deep_hours.hour_no - 1,
            true
        ) as is_start
    from deep_hours
    inner join interfaces on deep_hours.interface_id = interfaces.interface_id
    left join medians on deep_hours.interface_id = medians.interface_id and deep_hours.hour_no = medians.hour_no
    where deep_hours.depth > interfaces.multiple * coalesce(medians.median_depth, 0)

),

openings as (

    select
        *,
        {{ add_seconds("cast('1970-01-01' as timestamp)", "3600 * hour_no") }} as opened_ts
    from alarms
    where is_start

),

falls as (

    select
        openings.interface_id,
        openings.hour_no,
        min(depths.from_hour) as end_hour
    from openings
    inner join depths
        on
            openings.interface_id = depths.interface_id
            and openings.hour_no < depths.from_hour
            and depths.depth * 2 < openings.limit_depth
    where depths.from_hour < {{ hour_after_as_of() }}
    group by openings.interface_id, openings.hour_no

),

stuck as (

    select
        openings.interface_id,
        openings.hour_no,
        waiting.message_id,
        waiting.object_type,
        waiting.object_key,
        waiting.sku,
        waiting.location_id,
        waiting.event_ts,
        waiting.effective_applied_ts,
        waiting._file_digest,
        waiting._line
    from openings
    inner join waiting
        on
            openings.interface_id = waiting.interface_id
            and openings.hour_no >= waiting.from_hour
            and openings.hour_no < waiting.to_hour

),

evidence_rows as (

    select
        interface_id,
        hour_no,
        {{ min_by_keys("_file_digest", ["event_ts", "message_id"]) }} as _file_digest,
        {{ min_by_keys("_line", ["event_ts", "message_id"]) }} as _line
    from stuck
    group by interface_id, hour_no

),

touched as (

    {{ control_orders_touched("stuck", ["interface_id", "hour_no"]) }}

),

assessed as (

    select
        interfaces.interface,
        interfaces.interface_id as business_key,
        'hour ' || {{ control_instant("openings.opened_ts") }} as opening_key,
        coalesce(evidence_rows._file_digest, interfaces._file_digest) as _file_digest,
        case when evidence_rows._file_digest is null then interfaces._line else evidence_rows._line end as _line,
        openings.opened_ts,
        {{ control_silence_known("openings.opened_ts", "openings.opened_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        {{ add_seconds("cast('1970-01-01' as timestamp)", "3600 * falls.end_hour") }} as ended_ts,
        {{ add_seconds("cast('1970-01-01' as timestamp)", "3600 * falls.end_hour") }} as ended_known_ts,
        'below half the limits' as ended_reason,
        case when interfaces.fewest_messages is null or interfaces.multiple is null then 'not_enough_data' end
            as blocked_code,
        openings.depth as observed_value,
        {{ decimal_of("coalesce(openings.limit_depth, cast(interfaces.fewest_messages as double))", 38, 6) }}
            as threshold_value,
        touched.value_at_risk_amount,
        touched.customers_affected,
        touched.promise_latest_ts,
        touched.open_orders_touched
    from interfaces
    left join openings on interfaces.interface_id = openings.interface_id
    left join falls on openings.interface_id = falls.interface_id and openings.hour_no = falls.hour_no
    left join evidence_rows
        on openings.interface_id = evidence_rows.interface_id and openings.hour_no = evidence_rows.hour_no
    left join touched on openings.interface_id = touched.interface_id and openings.hour_no = touched.hour_no
    {{ control_coverage("'integration_message'", "openings.opened_ts") }}

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["observed_value", "value_at_risk_amount", "customers_affected", "open_orders_touched"]) }}

{{ control_select(
    "E65i",
    "'integration_message'",
    has=[
        "interface", "observed_value", "threshold_value", "value_at_risk_amount", "customers_affected",
        "promise_latest_ts", "open_orders_touched",
    ],
    relation="episodes",
    largest=["observed_value", "value_at_risk_amount", "customers_affected", "open_orders_touched"]
) }}
