-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "return_event",
    key=["event_id"],
    version="event_ts",
    event="event_ts",
    columns=[
        "event_id",
        "return_id",
        "line_no",
        "event_type",
        "event_ts",
        "quantity",
        "location_id",
        "result_code",
        "condition_code",
        "disposition_code",
    ]
) }}
