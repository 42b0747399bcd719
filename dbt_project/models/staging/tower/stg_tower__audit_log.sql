-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "audit_log",
    key=["row_no"],
    version="event_ts",
    event="event_ts",
    columns=[
        "row_no",
        "event_ts",
        "actor_id",
        "actor_type",
        "role_code",
        "action_code",
        "object_type",
        "object_id",
        "case_id",
        "exception_id",
        "policy_result",
        "rule_version",
        "inputs_digest",
        "approval_id",
        "outcome_code",
        "outcome_amount",
        "merged_into_id",
        "assignee_id",
        "is_approval_needed",
        "log_hash",
    ]
) }}
