-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "supplier_item",
    key=["supplier_id", "sku"],
    version="updated_ts",
    event="updated_ts",
    columns=[
        "supplier_id",
        "sku",
        "lead_time_days",
        "min_order_qty",
        "pack_qty",
        "unit_cost_amount",
        "currency_code",
        "updated_ts",
    ]
) }}
