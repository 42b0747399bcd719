-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "promotion_line",
    key=["promotion_id", "sku", "channel_id", "location_id"],
    version="updated_ts",
    event="updated_ts",
    columns=[
        "promotion_id",
        "sku",
        "channel_id",
        "location_id",
        "discount_share",
        "promotion_price_amount",
        "currency_code",
        "planned_qty",
        "planned_margin_amount",
        "funding_share",
        "updated_ts",
    ]
) }}
