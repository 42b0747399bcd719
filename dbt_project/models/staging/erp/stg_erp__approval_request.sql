-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "approval_request",
    key=["request_id", "step_no"],
    version="version_no",
    event="submitted_ts",
    columns=[
        "request_id",
        "step_no",
        "approval_type",
        "object_id",
        "promotion_id",
        "channel_id",
        "region_code",
        "approver_role",
        "submitted_ts",
        "decided_ts",
        "decision_code",
        "version_no",
        "updated_ts",
    ]
) }}
