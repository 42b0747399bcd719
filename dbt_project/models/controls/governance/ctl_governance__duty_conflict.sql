-- Grain: one person and pair of roles that the conflict matrix separates, or one person, case and pair of actions on
-- it. E66f: the tower's log shows both. Roles are those in which a person acted or was refused; who holds a role
-- without using it is in no feed. An action is reviewed when another person approves on the case later.
with actions as (

    select
        *,
        coalesce(case_id, approval_id, object_id) as case_key
    from {{ ref("fct_case_action") }}
    where actor_type = 'person'

),

conflicts as (

    select * from {{ ref("duty_conflict") }}

),

held as (

    select
        actor_id,
        role,
        min(event_ts) as done_ts,
        min(first_received_ts) as known_ts,
        {{ min_by_keys("_file_digest", ["row_no"]) }} as _file_digest,
        {{ min_by_keys("_line", ["row_no"]) }} as _line
    from actions
    group by actor_id, role

),

{# A row of the log may name several roles, joined by bars. #}
sides as (

    select
        held.*,
        conflicts.first_duty,
        conflicts.second_duty,
        position('|' || conflicts.first_duty || '|' in '|' || held.role || '|') > 0 as is_first,
        position('|' || conflicts.second_duty || '|' in '|' || held.role || '|') > 0 as is_second
    from held
    inner join conflicts on conflicts.kind = 'role'

),

role_pairs as (

    select
        actor_id || '|' || first_duty || '|' || second_duty as business_key,
        actor_id,
        cast(null as string) as case_key,
        min(case when is_first then done_ts end) as first_ts,
        min(case when is_second then done_ts end) as second_ts,
        min(case when is_first then known_ts end) as first_known_ts,
        min(case when is_second then known_ts end) as second_known_ts,
        {{ max_by_keys("_file_digest", ["done_ts", "role"]) }} as _file_digest,
        {{ max_by_keys("_line", ["done_ts", "role"]) }} as _line
    from sides
    where is_first or is_second
    group by actor_id, first_duty, second_duty

),

done as (

    select
        actor_id,
        case_key,
        action_code,
        min(event_ts) as done_ts,
        max(event_ts) as last_done_ts,
        min(first_received_ts) as known_ts,
        {{ max_by_keys("first_received_ts", ["row_no"]) }} as last_known_ts,
        {{ min_by_keys("_file_digest", ["row_no"]) }} as _file_digest,
        {{ min_by_keys("_line", ["row_no"]) }} as _line
    from actions
    where policy_result <> 'refused'
    group by actor_id, case_key, action_code

),

action_pairs as (

    select
        one.case_key || '|' || one.actor_id || '|' || conflicts.first_duty || '|' || conflicts.second_duty
            as business_key,
        one.actor_id,
        one.case_key,
        one.done_ts as first_ts,
        other.done_ts as second_ts,
        one.known_ts as first_known_ts,
        other.known_ts as second_known_ts,
        coalesce(other._file_digest, one._file_digest) as _file_digest,
        coalesce(other._line, one._line) as _line
    from done as one
    inner join conflicts on one.action_code = conflicts.first_duty and conflicts.kind = 'action'
    left join done as other
        on
            one.case_key = other.case_key
            and one.actor_id = other.actor_id
            and conflicts.second_duty = other.action_code

),

pairs as (

    select * from role_pairs
    union all
    select * from action_pairs

),

reviews as (

    select
        pairs.business_key,
        min(done.last_done_ts) as reviewed_ts,
        {{ min_by_keys("done.last_known_ts", ["done.last_done_ts", "done.actor_id"]) }} as reviewed_known_ts
    from pairs
    inner join done on pairs.case_key = done.case_key
    where
        done.action_code = 'approve'
        and done.actor_id <> pairs.actor_id
        and done.last_done_ts > greatest(pairs.first_ts, pairs.second_ts)
    group by pairs.business_key

),

assessed as (

    select
        pairs.business_key,
        {{ control_instant("case when pairs.first_ts > pairs.second_ts then pairs.first_ts else pairs.second_ts end") }}
            as opening_key,
        pairs._file_digest,
        pairs._line,
        case
            when
                pairs.first_ts is not null and pairs.second_ts is not null and {{ control_threshold("pairs") }} <= 1
                then greatest(pairs.first_ts, pairs.second_ts)
        end as opened_ts,
        greatest(pairs.first_ts, pairs.second_ts, pairs.first_known_ts, pairs.second_known_ts) as detected_ts,
        false as is_evidence_overdue,
        reviews.reviewed_ts as ended_ts,
        reviews.reviewed_known_ts as ended_known_ts,
        'reviewed by a second person' as ended_reason,
        case when {{ control_threshold("pairs") }} is null then 'not_enough_data' end as blocked_code,
        case when pairs.first_ts is not null and pairs.second_ts is not null then 1 else 0 end as observed_value,
        {{ control_threshold("pairs") }} as threshold_value
    from pairs
    left join reviews on pairs.business_key = reviews.business_key
    {{ control_threshold_joins("E66f", ["pairs"], at="coalesce(pairs.first_ts, pairs.second_ts)") }}

),

{{ control_verdict("assessed") }}

{{ control_select("E66f", "'audit_log'", has=["observed_value", "threshold_value"]) }}
