-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "control_total",
    key=["interface_id", "object_type", "cut_ts", "side_code"],
    version="updated_ts",
    event="cut_ts",
    columns=[
        "interface_id",
        "object_type",
        "cut_ts",
        "side_code",
        "record_count",
        "quantity_total",
        "value_total",
        "currency_code",
        "updated_ts",
    ]
) }}
