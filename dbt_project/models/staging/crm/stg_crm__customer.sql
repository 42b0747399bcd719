-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "customer",
    key=["customer_id"],
    version="updated_ts",
    event="created_ts",
    columns=[
        "customer_id",
        "tier_code",
        "has_consent",
        "created_ts",
        "updated_ts",
    ]
) }}
