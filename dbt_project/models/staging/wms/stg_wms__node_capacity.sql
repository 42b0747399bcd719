-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "node_capacity",
    key=["location_id", "capacity_date"],
    version="updated_ts",
    event="updated_ts",
    columns=[
        "location_id",
        "capacity_date",
        "units_capacity",
        "rostered_minutes",
        "standard_unit_minutes",
        "is_open",
        "updated_ts",
    ]
) }}
