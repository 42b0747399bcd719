-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "price_publication",
    key=["sku", "channel_id", "location_id", "price_version"],
    version="updated_ts",
    event="effective_ts",
    columns=[
        "sku",
        "channel_id",
        "location_id",
        "price_version",
        "price_amount",
        "currency_code",
        "price_type",
        "promotion_id",
        "approved_ts",
        "effective_ts",
        "live_ts",
        "ended_ts",
        "updated_ts",
    ]
) }}
