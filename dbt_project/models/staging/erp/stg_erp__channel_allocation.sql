-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "channel_allocation",
    key=["sku", "channel_id", "valid_from"],
    version="updated_ts",
    event="updated_ts",
    columns=[
        "sku",
        "channel_id",
        "valid_from",
        "quota_qty",
        "protection_qty",
        "updated_ts",
    ]
) }}
