-- Grain: one step of an order's promise in which the rest no longer fitted, and one row a promise that was never at
-- risk. E11 as a rule over usual times, not as a prediction: before the end of the first promise, the usual time of the
-- current step, or the present where that has passed, and of all steps after it lead beyond it. The steps are the
-- plan until the allocation, the node until it left or was ready, and the carrier. Usual is a percentile, in
-- quarter hours, of what ended in the four weeks before the week of the order: at the node and hour of the order
-- (carriers: its weekday), else of that hour, else of the node, else of all. Nobody knows yet where a later step will
-- be: of it the usual time of that hour counts, else of all. A cancelled line has ended what it had left to do.
with lines as (

    select
        lines.*,
        case
            when lines.is_cancelled then coalesce(allocation.allocated_ts, milestones.allocated_ts)
            else lines.allocated_ts
        end as planned_ts,
        case when lines.is_cancelled then lines.cancelled_ts end as gone_ts
    from {{ ref("fct_order_line") }} as lines
    left join {{ ref("int_order__line_allocation") }} as allocation
        on lines.order_line_key = allocation.order_line_key
    left join {{ ref("int_order__event_milestone") }} as milestones
        on lines.order_line_key = milestones.order_line_key
    where lines.is_in_scope and lines.first_promise_latest_ts is not null

),

promised as (

    select
        order_id,
        first_promise_latest_ts,
        fulfilment_method_code,
        min(order_ts) as order_ts,
        max(first_promise_received_ts) as promise_known_ts,
        min(channel) as channel,
        max(location) as location,
        max(carrier) as carrier,
        min(region) as region,
        min(order_type) as order_type,
        count(*) as line_count,
        count(*) filter (where is_cancelled) as cancelled_count,
        {%- set steps = ["planned", "packed", "shipped", "actual"] %}
        {%- for step in steps %}
        {%- set untold = steps[loop.index0:] | join("_ts is null and ") ~ "_ts is null" %}
        {%- set ended = "case when " ~ untold ~ " then gone_ts else " ~ step ~ "_ts end" %}
        max({{ ended }}) as {{ step }}_ts,
        count({{ ended }}) as {{ step }}_count,
        {%- endfor %}
        min(_file_digest) as _file_digest,
        {{ min_by_keys("_line", ["_file_digest", "_line"]) }} as _line
    from lines
    group by order_id, first_promise_latest_ts, fulfilment_method_code

),

whole as (

    select
        *,
        cancelled_count = line_count as is_cancelled,
        case when actual_count = line_count then actual_ts end as done_ts,
        case when shipped_count = line_count then shipped_ts end as all_shipped_ts,
        case when packed_count = line_count then packed_ts end as all_packed_ts,
        case when planned_count = line_count then planned_ts end as all_planned_ts,
        {{ local_hour("order_ts", reporting_zone()) }} as order_hour,
        {{ iso_weekday(reporting_date("order_ts")) }} as order_weekday,
        {{ add_days(
            reporting_date("order_ts"), "1 - " ~ iso_weekday(reporting_date("order_ts"))
        ) }} as week_date
    from promised

),

-- A step that nobody told ended when the next one did.
milestones as (

    select
        *,
        coalesce(all_planned_ts, all_packed_ts, all_shipped_ts, done_ts) as plan_ended_ts,
        coalesce(all_shipped_ts, done_ts) as left_ts
    from whole

),

steps as (

    {%- for no, step, began, ended, node, part in [
        (1, "plan", "order_ts", "plan_ended_ts", "order_type", "order_hour"),
        (2, "node", "plan_ended_ts", "left_ts", "location", "order_hour"),
        (3, "carrier", "left_ts", "done_ts", "carrier", "order_weekday"),
    ] %}
    select
        order_id,
        first_promise_latest_ts,
        fulfilment_method_code,
        week_date,
        order_ts,
        {{ no }} as step_no,
        '{{ step }}' as step,
        {{ began }} as began_ts,
        {{ ended }} as ended_ts,
        coalesce({{ node }}, 'NONE') as node,
        {{ part }} as day_part,
        cancelled_count = 0 as is_whole
    from milestones
    {{- " where fulfilment_method_code = 'delivery'" if no == 3 }}
    {{ "union all" if not loop.last }}
    {%- endfor %}

),

cases as (

    select
        fulfilment_method_code,
        step,
        node,
        day_part,
        {{ add_days(
            reporting_date("ended_ts"), "1 - " ~ iso_weekday(reporting_date("ended_ts"))
        ) }} as week_date,
        cast(ceil(cast({{ seconds_between("began_ts", "ended_ts") }} as double) / 900) as bigint) as quarter_hours
    from steps
    where ended_ts >= began_ts and is_whole

),

counted as (

    select
        fulfilment_method_code,
        step,
        node,
        day_part,
        week_date,
        quarter_hours,
        count(*) as case_count
    from cases
    group by fulfilment_method_code, step, node, day_part, week_date, quarter_hours

),

-- The four weeks after the one in which a case ended count it: at its node and hour, at that hour, at its node, and
-- anywhere.
grouped_cases as (

    {%- for node, day_part in [
        ("counted.node", "counted.day_part"), ("'*'", "counted.day_part"), ("counted.node", "-1"), ("'*'", "-1")
    ] %}
    select
        counted.fulfilment_method_code,
        counted.step,
        {{ node }} as node,
        cast({{ day_part }} as bigint) as day_part,
        {{ add_days("counted.week_date", "7 * ahead.weeks") }} as week_date,
        counted.quarter_hours,
        cast(sum(counted.case_count) as bigint) as case_count
    from counted
    cross join (
        select 1 as weeks
        union all
        select 2 as weeks
        union all
        select 3 as weeks
        union all
        select 4 as weeks
    ) as ahead
    group by
        counted.fulfilment_method_code,
        counted.step,
        {{ add_days("counted.week_date", "7 * ahead.weeks") }},
        counted.quarter_hours
        {%- if node == "counted.node" %}, counted.node{% endif -%}
        {%- if day_part == "counted.day_part" %}, counted.day_part{% endif %}
    {{ "union all" if not loop.last }}
    {%- endfor %}

),

cumulated as (

    select
        *,
        sum(case_count) over (
            partition by fulfilment_method_code, step, node, day_part, week_date
            order by quarter_hours
            rows between unbounded preceding and current row
        ) as upto_count,
        sum(case_count) over (partition by fulfilment_method_code, step, node, day_part, week_date) as group_count
    from grouped_cases

),

usual as (

    select
        cumulated.fulfilment_method_code,
        cumulated.step,
        cumulated.node,
        cumulated.day_part,
        cumulated.week_date,
        min(900 * cumulated.quarter_hours) filter (
            where cumulated.upto_count >= {{ control_threshold("percentile") }} * cumulated.group_count
        ) as usual_seconds
    from cumulated
    {{ control_threshold_joins("E11", ["percentile", "min_cases"], at="cast(cumulated.week_date as timestamp)") }}
    where cumulated.group_count >= {{ control_threshold("min_cases") }}
    group by
        cumulated.fulfilment_method_code, cumulated.step, cumulated.node, cumulated.day_part, cumulated.week_date

),

estimated as (

    select
        steps.*,
        coalesce(
            node_part.usual_seconds, part.usual_seconds, node.usual_seconds, anywhere.usual_seconds
        ) as step_seconds,
        coalesce(part.usual_seconds, anywhere.usual_seconds) as anywhere_seconds
    from steps
    {%- for alias, node, hour in [
        ("node_part", "steps.node", "steps.day_part"),
        ("part", "'*'", "steps.day_part"),
        ("node", "steps.node", "-1"),
        ("anywhere", "'*'", "-1"),
    ] %}
    left join usual as {{ alias }}
        on
            steps.fulfilment_method_code = {{ alias }}.fulfilment_method_code
            and steps.step = {{ alias }}.step
            and steps.week_date = {{ alias }}.week_date
            and {{ node }} = {{ alias }}.node
            and {{ hour }} = {{ alias }}.day_part
    {%- endfor %}

),

remaining as (

    select
        *,
        coalesce(sum(anywhere_seconds) over later_steps, 0) as rest_seconds,
        count(anywhere_seconds) over later_steps = count(*) over later_steps and step_seconds is not null as is_known
    from estimated
    window later_steps as (
        partition by order_id, first_promise_latest_ts, fulfilment_method_code
        order by step_no
        rows between 1 following and unbounded following
    )

),

foreseen as (

    select
        *,
        case
            when {{ add_seconds("began_ts", "step_seconds + rest_seconds") }} > first_promise_latest_ts then began_ts
            else {{ add_seconds("first_promise_latest_ts", "-rest_seconds") }}
        end as risk_ts
    from remaining
    where began_ts is not null

),

risks as (

    select
        order_id,
        first_promise_latest_ts,
        fulfilment_method_code,
        step,
        is_known,
        risk_ts,
        ended_ts,
        step_seconds + rest_seconds as expected_seconds
    from foreseen
    where
        coalesce(ended_ts > began_ts, true)
        and began_ts < first_promise_latest_ts
        and (
            (not is_known and step_no = 1)
            or (is_known and risk_ts < first_promise_latest_ts and coalesce(risk_ts < ended_ts, true))
        )

),

valued as (

    select
        risks.*,
        sum({{ control_undelivered_value("lines", "risks.risk_ts") }}) as value_at_risk_amount
    from risks
    inner join lines
        on
            risks.order_id = lines.order_id
            and risks.first_promise_latest_ts = lines.first_promise_latest_ts
            and risks.fulfilment_method_code = lines.fulfilment_method_code
    group by
        risks.order_id, risks.first_promise_latest_ts, risks.fulfilment_method_code, risks.step, risks.is_known,
        risks.risk_ts, risks.ended_ts, risks.expected_seconds

),

assessed as (

    select
        milestones.order_id || '|' || {{ control_instant("milestones.first_promise_latest_ts") }} as business_key,
        milestones.fulfilment_method_code || ' ' || coalesce(valued.step, 'NONE') as opening_key,
        case when valued.is_known then valued.risk_ts end as opened_ts,
        milestones.order_id,
        milestones.channel,
        coalesce(milestones.location, 'NONE') as location,
        milestones.region,
        milestones.first_promise_latest_ts as promise_latest_ts,
        milestones._file_digest,
        milestones._line,
        valued.value_at_risk_amount,
        1 as open_orders_touched,
        {{ decimal_of("cast(valued.expected_seconds as double) / 3600", 38, 6) }} as observed_value,
        {{ control_first_ending([
            [
                "milestones.done_ts", "milestones.done_ts",
                "case when milestones.is_cancelled then 'cancelled' else 'completed' end",
            ],
            ["valued.ended_ts", "valued.ended_ts", "'the rest fits again'"],
            [
                "case when milestones.first_promise_latest_ts <= " ~ as_of() ~ " then milestones.first_promise_latest_ts end",
                "milestones.first_promise_latest_ts",
                "'promise passed'",
            ],
        ]) }},
        case
            when milestones.is_cancelled and valued.risk_ts is null then 'not_applicable'
            when not valued.is_known then 'not_enough_data'
        end as blocked_code,
        {{ control_silence_known("valued.risk_ts", "milestones.promise_known_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue
    from milestones
    left join valued
        on
            milestones.order_id = valued.order_id
            and milestones.first_promise_latest_ts = valued.first_promise_latest_ts
            and milestones.fulfilment_method_code = valued.fulfilment_method_code
    {{ control_coverage("'order_event'", "valued.risk_ts") }}

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E11",
    "'sales_order_line'",
    has=[
        "channel", "location", "region", "order_id", "observed_value", "value_at_risk_amount", "promise_latest_ts",
        "open_orders_touched",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"]
) }}
