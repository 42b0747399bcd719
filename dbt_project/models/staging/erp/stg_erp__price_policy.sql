-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "price_policy",
    key=["sku", "channel_id", "valid_from"],
    version="updated_ts",
    event="updated_ts",
    columns=[
        "sku",
        "channel_id",
        "valid_from",
        "floor_amount",
        "currency_code",
        "updated_ts",
    ]
) }}
