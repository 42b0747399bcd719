-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "carrier_cutoff",
    key=["location_id", "carrier_id", "weekday_no"],
    version="updated_ts",
    event="updated_ts",
    columns=[
        "location_id",
        "carrier_id",
        "weekday_no",
        "cutoff_local",
        "updated_ts",
    ]
) }}
