-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "promotion",
    key=["promotion_id"],
    version="updated_ts",
    event="starts_ts",
    columns=[
        "promotion_id",
        "promotion_name",
        "promotion_type",
        "starts_ts",
        "ends_ts",
        "status_code",
        "approved_ts",
        "updated_ts",
    ]
) }}
