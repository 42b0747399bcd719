-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "price_list",
    key=["price_id"],
    version="updated_ts",
    event="approved_ts",
    columns=[
        "price_id",
        "sku",
        "channel_id",
        "location_id",
        "price_type",
        "promotion_id",
        "price_amount",
        "currency_code",
        "priority_no",
        "approved_ts",
        "valid_from_ts",
        "valid_to_ts",
        "updated_ts",
    ]
) }}
