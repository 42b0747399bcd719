-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "return_policy",
    key=["policy_id"],
    version="updated_ts",
    event="updated_ts",
    columns=[
        "policy_id",
        "channel_id",
        "category_code",
        "valid_from",
        "valid_to",
        "return_window_days",
        "requires_inspection",
        "updated_ts",
    ]
) }}
