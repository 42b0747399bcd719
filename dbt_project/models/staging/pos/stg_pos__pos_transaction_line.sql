-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "pos_transaction_line",
    key=["transaction_id", "line_no"],
    version="transaction_ts",
    event="transaction_ts",
    columns=[
        "transaction_id",
        "line_no",
        "sku",
        "quantity",
        "unit_price_amount",
        "gross_amount",
        "discount_amount",
        "tax_amount",
        "promotion_id",
        "transaction_ts",
    ]
) }}
