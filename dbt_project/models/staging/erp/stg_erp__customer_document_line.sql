-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "customer_document_line",
    key=["document_id", "line_no"],
    version="issued_ts",
    event="issued_ts",
    columns=[
        "document_id",
        "line_no",
        "document_type",
        "channel_id",
        "order_id",
        "order_line_no",
        "return_id",
        "return_line_no",
        "sku",
        "location_id",
        "quantity",
        "net_amount",
        "tax_amount",
        "cost_amount",
        "currency_code",
        "issued_ts",
        "posted_ts",
    ]
) }}
