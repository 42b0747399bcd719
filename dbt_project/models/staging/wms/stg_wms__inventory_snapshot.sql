-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "inventory_snapshot",
    key=["system_code", "location_id", "sku", "snapshot_ts"],
    version="snapshot_ts",
    event="snapshot_ts",
    columns=[
        "system_code",
        "location_id",
        "sku",
        "snapshot_ts",
        "on_hand_qty",
        "reserved_qty",
        "damaged_qty",
        "coverage_code",
    ]
) }}
