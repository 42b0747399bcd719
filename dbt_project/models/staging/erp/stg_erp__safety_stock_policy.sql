-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "safety_stock_policy",
    key=["sku", "location_id", "valid_from"],
    version="updated_ts",
    event="updated_ts",
    columns=[
        "sku",
        "location_id",
        "valid_from",
        "safety_stock_qty",
        "presentation_min_qty",
        "updated_ts",
    ]
) }}
