-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "reservation",
    key=["reservation_id"],
    version="version_no",
    event="created_ts",
    columns=[
        "reservation_id",
        "order_id",
        "line_no",
        "sku",
        "location_id",
        "quantity",
        "reservation_type",
        "status_code",
        "created_ts",
        "expires_ts",
        "ended_ts",
        "version_no",
        "updated_ts",
    ]
) }}
