-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "wms_task",
    key=["task_id"],
    version="ended_ts",
    event="ended_ts",
    columns=[
        "task_id",
        "task_type",
        "rework_code",
        "fulfilment_line_id",
        "location_id",
        "sku",
        "requested_qty",
        "done_qty",
        "started_ts",
        "ended_ts",
    ]
) }}
