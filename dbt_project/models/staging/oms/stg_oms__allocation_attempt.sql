-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "allocation_attempt",
    key=["attempt_id"],
    version="attempted_ts",
    event="attempted_ts",
    columns=[
        "attempt_id",
        "order_id",
        "line_no",
        "attempt_no",
        "attempted_ts",
        "result_code",
        "location_id",
        "requested_qty",
        "allocated_qty",
    ]
) }}
