-- Grain: one person, day and kind of use of the tower that could be out of order. E66h: an action that no role of its
-- row may do or that overrode the policy (outside_role), or the first action of an account after so many days without
-- one (dormant). Exports, sign-ins, scopes and the list of leavers are in no feed, so they are not judged.
with actions as (

    select
        *,
        case action_code when 'resume' then 'pause' when 'withdraw' then 'propose' else action_code end as right_code,
        {{ reporting_date("event_ts") }} as event_date,
        lag(event_ts) over (partition by actor_id order by event_ts, row_no) as earlier_ts
    from {{ ref("fct_case_action") }}
    where actor_type = 'person' and policy_result <> 'refused'

),

known_rights as (

    select distinct action as right_code
    from {{ ref("role_right") }}

),

granted as (

    select
        actions.row_no,
        count(*) as right_count
    from actions
    inner join {{ ref("role_right") }} as rights on actions.right_code = rights.action
    where position('|' || rights.role || '|' in '|' || actions.role || '|') > 0
    group by actions.row_no

),

limited as (

    select
        actions.*,
        {{ control_threshold("dormant") }} as dormant_days,
        {{ control_days("actions.earlier_ts", "actions.event_ts") }} as idle_days,
        known_rights.right_code is not null as is_judged,
        actions.policy_result = 'overridden' or granted.right_count is null as is_outside
    from actions
    left join known_rights on actions.right_code = known_rights.right_code
    left join granted on actions.row_no = granted.row_no
    {{ control_threshold_joins("E66h", ["dormant"], at="actions.event_ts") }}

),

uses as (

    select
        actor_id,
        event_date,
        'outside_role' as kind,
        event_ts,
        row_no,
        first_received_ts,
        _file_digest,
        _line,
        is_outside as is_wrong,
        cast(case when is_outside then 1 else 0 end as decimal(38, 6)) as observed_value,
        cast(0 as decimal(18, 6)) as threshold_value
    from limited
    where is_judged
    union all
    select
        actor_id,
        event_date,
        'dormant' as kind,
        event_ts,
        row_no,
        first_received_ts,
        _file_digest,
        _line,
        coalesce(idle_days >= dormant_days, false) as is_wrong,
        idle_days as observed_value,
        dormant_days as threshold_value
    from limited
    where earlier_ts is not null

),

days as (

    select
        actor_id || '|' || cast(event_date as string) || '|' || kind as business_key,
        kind,
        min(case when is_wrong then event_ts end) as opened_ts,
        {{ min_by_keys("first_received_ts", ["event_ts", "row_no"], where="is_wrong") }} as known_ts,
        {{ min_by_keys("row_no", ["event_ts", "row_no"], where="is_wrong") }} as opening_row_no,
        case when min(kind) = 'dormant' then max(observed_value) else sum(observed_value) end as observed_value,
        max(threshold_value) as threshold_value,
        coalesce(
            {{ min_by_keys("_file_digest", ["event_ts", "row_no"], where="is_wrong") }},
            {{ min_by_keys("_file_digest", ["event_ts", "row_no"]) }}
        ) as _file_digest,
        coalesce(
            {{ min_by_keys("_line", ["event_ts", "row_no"], where="is_wrong") }},
            {{ min_by_keys("_line", ["event_ts", "row_no"]) }}
        ) as _line
    from uses
    group by actor_id, event_date, kind

),

assessed as (

    select
        business_key,
        'row ' || cast(opening_row_no as string) as opening_key,
        _file_digest,
        _line,
        opened_ts,
        greatest(opened_ts, known_ts) as detected_ts,
        false as is_evidence_overdue,
        cast(null as timestamp) as ended_ts,
        cast(null as timestamp) as ended_known_ts,
        cast(null as string) as ended_reason,
        case when threshold_value is null then 'not_enough_data' end as blocked_code,
        observed_value,
        threshold_value
    from days

),

{{ control_verdict("assessed", is_event=true) }}

{{ control_select("E66h", "'audit_log'", has=["observed_value", "threshold_value"]) }}
