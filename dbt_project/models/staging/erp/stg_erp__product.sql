-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "product",
    key=["sku"],
    version="updated_ts",
    event="updated_ts",
    columns=[
        "sku",
        "gtin",
        "product_name",
        "brand_name",
        "category_code",
        "category_name",
        "department_name",
        "product_type",
        "base_uom_code",
        "weight_kg",
        "tax_category_code",
        "supplier_id",
        "list_price_amount",
        "currency_code",
        "is_kit",
        "status_code",
        "updated_ts",
    ]
) }}
