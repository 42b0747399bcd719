-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "channel_listing",
    key=["channel_id", "listing_id"],
    version="updated_ts",
    event="updated_ts",
    columns=[
        "channel_id",
        "listing_id",
        "sku",
        "status_code",
        "updated_ts",
    ]
) }}
