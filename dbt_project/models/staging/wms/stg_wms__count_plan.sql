-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "count_plan",
    key=["location_id", "sku", "due_date"],
    version="updated_ts",
    event="updated_ts",
    columns=[
        "location_id",
        "sku",
        "due_date",
        "updated_ts",
    ]
) }}
