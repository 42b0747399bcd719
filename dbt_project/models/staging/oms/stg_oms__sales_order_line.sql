-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "sales_order_line",
    key=["order_id", "line_no"],
    version="version_no",
    event="updated_ts",
    columns=[
        "order_id",
        "line_no",
        "sku",
        "listing_id",
        "quantity",
        "unit_price_amount",
        "gross_amount",
        "discount_amount",
        "tax_amount",
        "promotion_id",
        "kit_parent_line_no",
        "substitute_for_line_no",
        "is_backorder_sale",
        "version_no",
        "updated_ts",
    ],
    over_versions={
        "greatest_quantity": ["max", "quantity"],
        "mapped_ts": ["min", "case when sku is not null then updated_ts end"],
        "mapped_known_ts": ["min", "case when sku is not null then received_ts end"],
    }
) }}
