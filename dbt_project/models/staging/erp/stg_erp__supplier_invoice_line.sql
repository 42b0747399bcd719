-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "supplier_invoice_line",
    key=["invoice_id", "line_no"],
    version="invoice_ts",
    event="invoice_ts",
    columns=[
        "invoice_id",
        "line_no",
        "supplier_id",
        "po_id",
        "po_line_no",
        "sku",
        "quantity",
        "unit_price_amount",
        "amount",
        "currency_code",
        "invoice_ts",
    ]
) }}
