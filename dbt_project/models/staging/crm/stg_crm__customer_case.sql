-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "customer_case",
    key=["case_id"],
    version="version_no",
    event="opened_ts",
    columns=[
        "case_id",
        "order_id",
        "line_no",
        "channel_id",
        "theme_code",
        "is_escalated",
        "opened_ts",
        "closed_ts",
        "version_no",
        "updated_ts",
    ]
) }}
