-- Grain: one run of daily cuts at which a node had more open units than days of its effective capacity allow,
-- and one row a node that had none. E19a: as many cuts running as the limit asks for; a cut below the lower
-- limit ends it. A cut is the beginning of a day at the node; effective capacity as in K17, as it could be
-- reckoned at the cut.
with days as (

    select
        *,
        coalesce(is_open and opening_qty >= units_capacity and units_capacity > 0, false) as is_full,
        count(case when is_open then 1 end) over before_day as open_days_before,
        count(case when is_open and units_capacity is not null then 1 end) over up_to_day as plan_no
    from {{ ref("int_kpi__node_day") }}
    window
        before_day as (
            partition by location_id order by date_day rows between unbounded preceding and 1 preceding
        ),
        up_to_day as (
            partition by location_id order by date_day rows between unbounded preceding and current row
        )

),

plans as (

    select
        *,
        max(case when is_open then units_capacity end) over (partition by location_id, plan_no) as stated_qty,
        case when plan_no > 0 then first_value(_file_digest) over by_plan end as plan_file_digest,
        case when plan_no > 0 then first_value(_line) over by_plan end as plan_line
    from days
    window by_plan as (partition by location_id, plan_no order by date_day)

),

-- The open days before a cut on which a full day's backlog stood at the beginning, of the last seven.
full_days as (

    select
        plans.location_id,
        plans.date_day,
        earlier.left_qty,
        row_number() over (
            partition by plans.location_id, plans.date_day order by earlier.left_qty, earlier.date_day
        ) as left_rank,
        count(*) over (partition by plans.location_id, plans.date_day) as full_days
    from plans
    cross join (
        {%- for step in range(1, 8) %}
        select {{ step }} as step_no{{ " union all" if not loop.last }}
        {%- endfor %}
    ) as steps
    inner join days as earlier
        on
            plans.location_id = earlier.location_id
            and plans.open_days_before - steps.step_no = earlier.open_days_before
            and earlier.is_open
    where earlier.is_full

),

throughput as (

    select
        location_id,
        date_day,
        min(left_qty) filter (where left_rank * 4 >= full_days * 3) as left_qty
    from full_days
    where full_days >= 3
    group by location_id, date_day

),

cuts as (

    select
        plans.location_id,
        {{ mapped_dim("plans.location_id", "locations.location_id") }} as location,
        plans.region,
        plans.date_day,
        plans.opening_qty,
        plans.plan_file_digest,
        plans.plan_line,
        {{ local_instant("plans.date_day", "'00:00'", "coalesce(locations.time_zone, " ~ reporting_zone() ~ ")") }}
            as cut_ts,
        least(plans.stated_qty, coalesce(throughput.left_qty, plans.stated_qty)) as effective_qty
    from plans
    left join throughput on plans.location_id = throughput.location_id and plans.date_day = throughput.date_day
    left join {{ ref("dim_location") }} as locations on plans.location_id = locations.location_id

),

judged_cuts as (

    select
        cuts.*,
        {{ control_threshold("open", ["location"]) }} as open_limit,
        {{ control_threshold("cuts", ["location"]) }} as fewest_cuts,
        coalesce(
            cuts.opening_qty > 0
            and cuts.opening_qty > {{ control_threshold("open", ["location"]) }} * cuts.effective_qty,
            false
        ) as is_above,
        cuts.opening_qty = 0
        or coalesce(cuts.opening_qty < {{ control_threshold("close", ["location"]) }} * cuts.effective_qty, false)
            as is_below
    from cuts
    {{ control_threshold_joins(
        "E19a", ["open", "close", "cuts"], at="cuts.cut_ts", scopes={"location": "cuts.location_id"}
    ) }}

),

{{ control_stretches("judged_cuts", "is_above", ["location_id"], "date_day") }},

placed as (

    select
        *,
        row_number() over (partition by location_id, stretch_no order by date_day) as cut_no
    from numbered

),

runs as (

    select
        location_id,
        stretch_no,
        min(cut_ts) as began_ts,
        min(cut_ts) filter (where cut_no = fewest_cuts) as opened_ts,
        max(cast(opening_qty as double) / nullif(effective_qty, 0)) as observed_value,
        {{ min_by_keys("plan_file_digest", ["date_day"]) }} as _file_digest,
        {{ min_by_keys("plan_line", ["date_day"]) }} as _line
    from placed
    group by location_id, stretch_no

),

falls as (

    select
        runs.location_id,
        runs.stretch_no,
        min(judged_cuts.cut_ts) as event_ts
    from runs
    inner join judged_cuts
        on runs.location_id = judged_cuts.location_id and judged_cuts.is_below and runs.opened_ts < judged_cuts.cut_ts
    group by runs.location_id, runs.stretch_no

),

waiting as (

    {{ control_node_parts("runs", ["location_id", "stretch_no"], "opened_ts") }}

),

nodes as (

    select
        location_id,
        max(location) as location,
        max(region) as region,
        max(open_limit) as threshold_value,
        count(effective_qty) as known_cuts,
        max(plan_file_digest) as _file_digest,
        max(plan_line) as _line
    from judged_cuts
    group by location_id

),

assessed as (

    select
        nodes.location_id as business_key,
        {{ control_instant("runs.began_ts") }} as opening_key,
        nodes.location,
        nodes.region,
        coalesce(runs._file_digest, nodes._file_digest) as _file_digest,
        case when runs._file_digest is null then nodes._line else runs._line end as _line,
        runs.opened_ts,
        {{ control_silence_known("runs.opened_ts", "runs.opened_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        falls.event_ts as ended_ts,
        falls.event_ts as ended_known_ts,
        'below the lower limit' as ended_reason,
        case when nodes.known_cuts = 0 or nodes.threshold_value is null then 'not_enough_data' end as blocked_code,
        {{ decimal_of("runs.observed_value", 38, 6) }} as observed_value,
        nodes.threshold_value,
        waiting.value_at_risk_amount,
        waiting.promise_latest_ts,
        waiting.customers_affected,
        waiting.open_orders_touched
    from nodes
    left join runs on nodes.location_id = runs.location_id
    left join falls on runs.location_id = falls.location_id and runs.stretch_no = falls.stretch_no
    left join waiting on runs.location_id = waiting.location_id and runs.stretch_no = waiting.stretch_no
    {{ control_coverage("'fulfilment_line'", "runs.opened_ts") }}

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["observed_value", "value_at_risk_amount", "customers_affected", "open_orders_touched"]) }}

{{ control_select(
    "E19a",
    "'node_capacity'",
    has=[
        "location", "region", "observed_value", "threshold_value", "value_at_risk_amount", "customers_affected",
        "promise_latest_ts", "open_orders_touched",
    ],
    relation="episodes",
    largest=["observed_value", "value_at_risk_amount", "customers_affected", "open_orders_touched"]
) }}
