-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "pickup_task",
    key=["order_id", "line_no", "location_id"],
    version="version_no",
    event="assigned_ts",
    columns=[
        "order_id",
        "line_no",
        "location_id",
        "requested_qty",
        "ready_qty",
        "assigned_ts",
        "ready_ts",
        "notified_ts",
        "collected_ts",
        "collected_qty",
        "hold_until_ts",
        "status_code",
        "version_no",
        "updated_ts",
    ],
    over_versions={
        "ready_known_ts": ["min", "case when ready_ts is not null then received_ts end"],
        "notified_known_ts": ["min", "case when notified_ts is not null then received_ts end"],
        "collected_known_ts": ["min", "case when collected_ts is not null then received_ts end"],
    }
) }}
