-- Grain: one delivery of an entity in which a rule of its contract refused rows. E65g. It ends when the
-- rows are replayed and the next delivery is clean; unknown codes are E66k. A break has no event time of
-- its own: it is true from receipt.
with refused as (

    select
        rejected.entity,
        rejected.rule_code,
        rejected.received_ts,
        min(rejected.interface) as interface,
        min(rejected._file_digest) as _file_digest,
        {{ min_by_keys("rejected._line", ["rejected._file_digest", "rejected._line"]) }}
            as _line,
        count(*) as refused_rows,
        case when count(*) = count(rejected.replayed_ts) then max(rejected.replayed_ts) end as replayed_ts
    from {{ ref("fct_rejected_row") }} as rejected
    where rejected.rule_code <> 'unknown_code'
    group by rejected.entity, rejected.rule_code, rejected.received_ts

),

deliveries as (

    select
        entity,
        file_received_ts
    from {{ ref("fct_landing_file") }}
    group by entity, file_received_ts

),

clean as (

    select
        refused.entity,
        refused.rule_code,
        refused.received_ts,
        min(deliveries.file_received_ts) as next_clean_ts
    from refused
    inner join deliveries
        on refused.entity = deliveries.entity and refused.received_ts < deliveries.file_received_ts
    left join refused as refused_again
        on
            refused.entity = refused_again.entity
            and refused.rule_code = refused_again.rule_code
            and deliveries.file_received_ts = refused_again.received_ts
    where refused_again.entity is null
    group by refused.entity, refused.rule_code, refused.received_ts

),

assessed as (

    select
        refused.entity || '|' || refused.rule_code as business_key,
        refused._file_digest as opening_key,
        refused.interface,
        refused._file_digest,
        refused._line,
        refused.refused_rows as observed_value,
        {{ control_threshold("rows", ["interface"]) }} as threshold_value,
        case
            when refused.refused_rows >= {{ control_threshold("rows", ["interface"]) }} then refused.received_ts
        end as opened_ts,
        refused.received_ts as detected_ts,
        false as is_evidence_overdue,
        case
            when refused.replayed_ts is not null and clean.next_clean_ts is not null
                then greatest(refused.replayed_ts, clean.next_clean_ts)
        end as ended_ts,
        clean.next_clean_ts as ended_known_ts,
        'replayed and next delivery clean' as ended_reason,
        case when {{ control_threshold("rows", ["interface"]) }} is null then 'not_enough_data' end as blocked_code
    from refused
    left join clean
        on
            refused.entity = clean.entity
            and refused.rule_code = clean.rule_code
            and refused.received_ts = clean.received_ts
    {{ control_threshold_joins(
        "E65g", ["rows"], at="refused.received_ts", scopes={"interface": "refused.interface"}
    ) }}

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["observed_value"]) }}

{{ control_select(
    "E65g",
    "'rejected_row'",
    has=["interface", "observed_value", "threshold_value"],
    relation="episodes",
    largest=["observed_value"]
) }}
