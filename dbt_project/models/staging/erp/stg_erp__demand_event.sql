-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "demand_event",
    key=["demand_event_id"],
    version="updated_ts",
    event="updated_ts",
    columns=[
        "demand_event_id",
        "event_name",
        "region_code",
        "category_code",
        "starts_date",
        "ends_date",
        "updated_ts",
    ]
) }}
