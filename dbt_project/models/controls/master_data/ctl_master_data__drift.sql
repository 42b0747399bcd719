-- Grain: one run of days' last cuts at which the two sides of an interface differ beyond the tolerance. E66e: on three
-- cuts running; a cut within the tolerance ends it. A cut that one side did not count is left out.
with cut_times as (

    select
        interface_id || '|' || object_type || '|' || cast({{ reporting_date("cut_ts") }} as string) as cut_key,
        max(interface_id || '|' || object_type) as business_key,
        max(cut_ts) as cut_ts,
        {{ max_by_keys("received_ts", ["cut_ts", "received_ts"]) }} as known_ts
    from {{ ref("stg_integration__control_total") }}
    where cut_ts <= {{ as_of() }}
    group by interface_id, object_type, {{ reporting_date("cut_ts") }}

),

cuts as (

    select
        drifts.interface,
        drifts.source_count,
        drifts.drift_count,
        drifts.source_entity,
        drifts._file_digest,
        drifts._line,
        cut_times.business_key,
        cut_times.cut_ts,
        cut_times.known_ts,
        {{ control_threshold("tolerance", ["interface"]) }} as tolerance,
        {{ control_threshold("cuts", ["interface"]) }} as fewest_cuts,
        drifts.drift_count > {{ control_threshold("tolerance", ["interface"]) }} * abs(drifts.source_count) as is_off
    from {{ ref("int_kpi__control_drift") }} as drifts
    inner join cut_times on drifts.cut_key = cut_times.cut_key
    {{ control_threshold_joins(
        "E66e", ["tolerance", "cuts"], at="cut_times.cut_ts", scopes={"interface": "drifts.interface"}
    ) }}
    where drifts.exclusion_reason is null

),

followed as (

    select
        *,
        lead(is_off) over by_cut as is_next_off,
        lead(cut_ts) over by_cut as next_cut_ts,
        lead(known_ts) over by_cut as next_known_ts
    from cuts
    window by_cut as (partition by business_key order by cut_ts)

),

{{ control_stretches("followed", "is_off", ["business_key"], "cut_ts") }},

ranked as (

    select
        *,
        row_number() over (partition by business_key, stretch_no order by cut_ts) as cut_no
    from numbered

),

runs as (

    select
        business_key,
        min(interface) as interface,
        min(source_entity) as evidence_entity,
        max(fewest_cuts) as fewest_cuts,
        max(tolerance) as threshold_value,
        min(cut_ts) as began_ts,
        min(cut_ts) filter (where cut_no = fewest_cuts) as opened_ts,
        max(known_ts) filter (where cut_no <= fewest_cuts) as detected_ts,
        max(next_cut_ts) filter (where not is_next_off) as ended_ts,
        max(next_known_ts) filter (where not is_next_off) as ended_known_ts,
        max({{ decimal_of("cast(drift_count as double) / nullif(abs(source_count), 0)", 38, 6) }}) as observed_value,
        {{ min_by_keys("_file_digest", ["cut_ts", "_file_digest"]) }} as _file_digest,
        {{ min_by_keys("_line", ["cut_ts", "_file_digest"]) }} as _line
    from ranked
    group by business_key, stretch_no

),

steady as (

    select
        cuts.business_key,
        min(cuts.interface) as interface,
        min(cuts.source_entity) as evidence_entity,
        max(cuts.tolerance) as threshold_value,
        max(cuts._file_digest) as _file_digest,
        max(cuts._line) as _line
    from cuts
    left join (select distinct business_key from runs) as drifting on cuts.business_key = drifting.business_key
    where drifting.business_key is null
    group by cuts.business_key

),

assessed as (

    select
        business_key,
        {{ control_instant("began_ts") }} as opening_key,
        interface,
        evidence_entity,
        opened_ts,
        greatest(opened_ts, detected_ts) as detected_ts,
        ended_ts,
        ended_known_ts,
        observed_value,
        threshold_value,
        _file_digest,
        _line,
        false as is_evidence_overdue,
        'a cut within tolerance' as ended_reason,
        case when threshold_value is null or fewest_cuts is null then 'not_enough_data' end as blocked_code
    from runs
    union all
    select
        business_key,
        cast(null as string) as opening_key,
        interface,
        evidence_entity,
        cast(null as timestamp) as opened_ts,
        cast(null as timestamp) as detected_ts,
        cast(null as timestamp) as ended_ts,
        cast(null as timestamp) as ended_known_ts,
        cast(0 as decimal(38, 6)) as observed_value,
        threshold_value,
        _file_digest,
        _line,
        false as is_evidence_overdue,
        'a cut within tolerance' as ended_reason,
        case when threshold_value is null then 'not_enough_data' end as blocked_code
    from steady

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["observed_value"]) }}

{{ control_select(
    "E66e",
    "evidence_entity",
    has=["interface", "observed_value", "threshold_value"],
    relation="episodes",
    largest=["observed_value"]
) }}
