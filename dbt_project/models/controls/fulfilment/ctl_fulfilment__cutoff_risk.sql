-- Grain: one time at which the parts at risk of missing a carrier's cut-off at a node reached the limits, and
-- one row a cut-off at which fewer were. E18: it ends when they are below a limit, or with the cut-off.
with parts as (

    select * from {{ ref("int_control__cutoff_part") }}

),

cutoffs as (

    select
        parts.location_id,
        parts.carrier,
        parts.cutoff_ts,
        parts.location_id || '|' || parts.carrier || '|' || {{ control_instant("parts.cutoff_ts") }} as business_key,
        min(parts.location) as location,
        min(parts.node_region) as region,
        min({{ control_threshold("lines", ["location"]) }}) as fewest_lines,
        min({{ control_threshold("share", ["location"]) }}) as least_share
    from parts
    {{ control_threshold_joins(
        "E18", ["lines", "share"], at="parts.cutoff_ts", scopes={"location": "parts.location_id"}
    ) }}
    group by parts.location_id, parts.carrier, parts.cutoff_ts

),

changes as (

    select
        location_id,
        carrier,
        cutoff_ts,
        unpacked_from_ts as event_ts,
        1 as more_unpacked,
        0 as more_at_risk
    from parts
    union all
    select
        location_id,
        carrier,
        cutoff_ts,
        unpacked_until_ts as event_ts,
        -1 as more_unpacked,
        0 as more_at_risk
    from parts
    union all
    select
        location_id,
        carrier,
        cutoff_ts,
        risk_from_ts as event_ts,
        0 as more_unpacked,
        1 as more_at_risk
    from parts
    where risk_from_ts is not null
    union all
    select
        location_id,
        carrier,
        cutoff_ts,
        risk_until_ts as event_ts,
        0 as more_unpacked,
        -1 as more_at_risk
    from parts
    where risk_from_ts is not null

),

per_instant as (

    select
        location_id,
        carrier,
        cutoff_ts,
        event_ts,
        sum(more_unpacked) as more_unpacked,
        sum(more_at_risk) as more_at_risk
    from changes
    group by location_id, carrier, cutoff_ts, event_ts

),

counts as (

    select
        *,
        {{ whole("sum(more_unpacked) over by_time") }} as unpacked_count,
        {{ whole("sum(more_at_risk) over by_time") }} as risk_count
    from per_instant
    window by_time as (
        partition by location_id, carrier, cutoff_ts
        order by event_ts
        rows between unbounded preceding and current row
    )

),

judged_counts as (

    select
        cutoffs.business_key,
        counts.location_id,
        counts.carrier,
        counts.cutoff_ts,
        counts.event_ts,
        counts.unpacked_count,
        counts.risk_count,
        coalesce(
            counts.event_ts < counts.cutoff_ts
            and counts.risk_count >= cutoffs.fewest_lines
            and counts.risk_count >= cutoffs.least_share * counts.unpacked_count,
            false
        ) as is_reached
    from counts
    inner join cutoffs
        on
            counts.location_id = cutoffs.location_id
            and counts.carrier = cutoffs.carrier
            and counts.cutoff_ts = cutoffs.cutoff_ts

),

followed as (

    select
        *,
        coalesce(lag(is_reached) over (partition by business_key order by event_ts), false) as was_reached
    from judged_counts

),

risings as (

    select
        *,
        lead(event_ts) over (partition by business_key order by event_ts) as next_turn_ts
    from followed
    where is_reached <> was_reached

),

at_risk as (

    select
        risings.business_key,
        risings.event_ts,
        cast(
            sum({{ money("cast(line.net_amount * parts.requested_qty as double) / nullif(line.ordered_qty, 0)") }})
            as decimal(18, 2)
        ) as value_at_risk_amount,
        min(line.first_promise_latest_ts) as promise_latest_ts,
        count(distinct orders.customer_id) as customers_affected,
        count(distinct orders.order_id) as open_orders_touched,
        {{ min_by_keys("parts._file_digest", ["parts.risk_from_ts", "parts.fulfilment_line_id"]) }} as _file_digest,
        {{ min_by_keys("parts._line", ["parts.risk_from_ts", "parts.fulfilment_line_id"]) }} as _line
    from risings
    inner join parts
        on
            risings.location_id = parts.location_id
            and risings.carrier = parts.carrier
            and risings.cutoff_ts = parts.cutoff_ts
            and risings.event_ts >= parts.risk_from_ts
            and risings.event_ts < parts.risk_until_ts
    inner join {{ ref("fct_order_line") }} as line on parts.order_line_key = line.order_line_key
    inner join {{ ref("fct_order") }} as orders on parts.order_id = orders.order_id
    where risings.is_reached
    group by risings.business_key, risings.event_ts

),

assessed as (

    select
        cutoffs.business_key,
        {{ control_instant("risings.event_ts") }} as opening_key,
        cutoffs.location,
        cutoffs.region,
        at_risk._file_digest,
        at_risk._line,
        risings.event_ts as opened_ts,
        {{ control_silence_known("risings.event_ts", "risings.event_ts", beside="part_coverage") }} as detected_ts,
        coverage.is_overdue or coalesce(part_coverage.is_overdue, false) as is_evidence_overdue,
        case
            when least(risings.next_turn_ts, cutoffs.cutoff_ts) <= {{ as_of() }}
                then least(risings.next_turn_ts, cutoffs.cutoff_ts)
        end as ended_ts,
        least(risings.next_turn_ts, cutoffs.cutoff_ts) as ended_known_ts,
        case when risings.next_turn_ts < cutoffs.cutoff_ts then 'below the limit' else 'cut-off passed' end
            as ended_reason,
        case when cutoffs.fewest_lines is null or cutoffs.least_share is null then 'not_enough_data' end
            as blocked_code,
        risings.risk_count as observed_value,
        cutoffs.fewest_lines as threshold_value,
        at_risk.value_at_risk_amount,
        at_risk.promise_latest_ts,
        at_risk.customers_affected,
        at_risk.open_orders_touched
    from cutoffs
    left join risings on cutoffs.business_key = risings.business_key and risings.is_reached
    left join at_risk on risings.business_key = at_risk.business_key and risings.event_ts = at_risk.event_ts
    {{ control_coverage("'wms_task'", "risings.event_ts") }}
    {{ control_coverage("'fulfilment_line'", "risings.event_ts", alias="part_coverage") }}

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["observed_value", "value_at_risk_amount", "customers_affected", "open_orders_touched"]) }}

{{ control_select(
    "E18",
    "'fulfilment_line'",
    has=[
        "location", "region", "observed_value", "threshold_value", "value_at_risk_amount", "customers_affected",
        "promise_latest_ts", "open_orders_touched",
    ],
    relation="episodes",
    largest=["observed_value", "value_at_risk_amount", "customers_affected", "open_orders_touched"]
) }}
