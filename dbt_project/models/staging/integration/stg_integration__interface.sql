-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "interface",
    key=["interface_id"],
    version="updated_ts",
    event="updated_ts",
    columns=[
        "interface_id",
        "source_system",
        "target_system",
        "object_type",
        "sla_seconds",
        "process_code",
        "owner_name",
        "api_version",
        "updated_ts",
    ]
) }}
