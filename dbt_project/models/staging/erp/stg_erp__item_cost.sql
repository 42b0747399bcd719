-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "item_cost",
    key=["sku", "valid_from"],
    version="updated_ts",
    event="updated_ts",
    columns=[
        "sku",
        "valid_from",
        "standard_cost_amount",
        "landed_cost_amount",
        "currency_code",
        "updated_ts",
    ]
) }}
