-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "ats_publication",
    key=["sku", "channel_id", "published_ts"],
    version="published_ts",
    event="published_ts",
    columns=[
        "sku",
        "channel_id",
        "published_ts",
        "ats_qty",
        "live_ts",
    ]
) }}
