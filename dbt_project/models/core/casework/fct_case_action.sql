-- Grain: one action on a case, a proposal or another object, as the tower's log tells it. Nothing is ever changed in
-- it; amounts of a proposal and of the resolution that it led to are the same money.
select
    actions.row_no,
    actions.event_ts,
    actions.actor_id,
    actions.actor_type,
    coalesce(actions.role_code, 'NONE') as role,
    actions.action_code,
    actions.object_type,
    actions.object_id,
    actions.case_id,
    actions.exception_id,
    actions.policy_result,
    actions.rule_version,
    actions.inputs_digest,
    actions.approval_id,
    actions.outcome_code,
    actions.outcome_amount,
    actions.merged_into_id,
    actions.assignee_id,
    coalesce(actions.is_approval_needed, false) as is_approval_needed,
    actions.log_hash,
    {{ evidence('audit_log', 'actions') }}
from {{ ref('stg_tower__audit_log') }} as actions
