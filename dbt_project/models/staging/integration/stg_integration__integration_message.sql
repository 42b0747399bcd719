-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "integration_message",
    key=["message_id"],
    version="updated_ts",
    event="event_ts",
    columns=[
        "message_id",
        "interface_id",
        "object_type",
        "business_key",
        "business_version",
        "location_id",
        "sku",
        "quantity",
        "event_ts",
        "sent_ts",
        "target_received_ts",
        "applied_ts",
        "status_code",
        "attempts",
        "payload_hash",
        "error_code",
        "updated_ts",
    ],
    over_versions={
        "applied_known_ts": ["min", "case when applied_ts is not null then received_ts end"],
        "first_failed_ts": ["min", "case when status_code in ('failed', 'dead_lettered') then updated_ts end"],
        "first_failed_known_ts": ["min", "case when status_code in ('failed', 'dead_lettered') then received_ts end"],
        "failed_error_code": ["max", "case when status_code in ('failed', 'dead_lettered') then coalesce(error_code, 'NONE') end"],
    }
) }}
