-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ config(materialized='table') }}
{{ deduplicated(
    "order_event",
    key=["event_id"],
    version="event_ts",
    event="event_ts",
    columns=[
        "event_id",
        "order_id",
        "line_no",
        "event_type",
        "event_ts",
        "quantity",
        "location_id",
        "actor_type",
        "actor_id",
        "event_class",
        "initiator_code",
        "reason_code",
        "planned_ts",
    ]
) }}
