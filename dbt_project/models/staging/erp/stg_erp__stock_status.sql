-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "stock_status",
    key=["system_code", "status_code"],
    version="updated_ts",
    event="updated_ts",
    columns=[
        "system_code",
        "status_code",
        "meaning_code",
        "updated_ts",
    ]
) }}
