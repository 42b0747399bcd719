-- Grain: one code that the contract of a column does not know. E66k. A code that is mapped and replayed
-- leaves the list of unknown codes; until then it stays open.
with codes as (

    select * from {{ ref("fct_unknown_code") }}

),

refused as (

    select
        entity,
        column_name,
        value,
        case when count(*) = count(replayed_ts) then max(replayed_ts) end as replayed_ts
    from {{ ref("fct_rejected_row") }}
    where rule_code = 'unknown_code'
    group by entity, column_name, value

),

assessed as (

    select
        codes.entity || '|' || codes.column_name || '|' || codes.code as business_key,
        codes._file_digest as opening_key,
        codes.interface,
        codes._file_digest,
        codes._line,
        codes.row_count as observed_value,
        {{ control_threshold("rows", ["interface"]) }} as threshold_value,
        case
            when codes.row_count >= {{ control_threshold("rows", ["interface"]) }} then codes.received_ts
        end as opened_ts,
        codes.received_ts as detected_ts,
        false as is_evidence_overdue,
        refused.replayed_ts as ended_ts,
        refused.replayed_ts as ended_known_ts,
        'mapped and replayed' as ended_reason,
        case when {{ control_threshold("rows", ["interface"]) }} is null then 'not_enough_data' end as blocked_code
    from codes
    left join refused
        on codes.entity = refused.entity and codes.column_name = refused.column_name and codes.code = refused.value
    {{ control_threshold_joins("E66k", ["rows"], at="codes.received_ts", scopes={"interface": "codes.interface"}) }}

),

{{ control_verdict("assessed") }}

{{ control_select("E66k", "'unknown_code'", has=["interface", "observed_value", "threshold_value"]) }}
