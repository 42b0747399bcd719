-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "work_log",
    key=["work_id"],
    version="ended_ts",
    event="started_ts",
    columns=[
        "work_id",
        "stream_code",
        "item_id",
        "order_id",
        "actor_id",
        "started_ts",
        "ended_ts",
    ]
) }}
