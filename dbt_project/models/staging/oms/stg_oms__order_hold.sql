-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "order_hold",
    key=["hold_id"],
    version="version_no",
    event="placed_ts",
    columns=[
        "hold_id",
        "order_id",
        "hold_type",
        "placed_ts",
        "released_ts",
        "result_code",
        "version_no",
        "updated_ts",
    ]
) }}
