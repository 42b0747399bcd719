-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "receipt_line",
    key=["receipt_id", "line_no"],
    version="receipt_ts",
    event="receipt_ts",
    columns=[
        "receipt_id",
        "line_no",
        "po_id",
        "po_line_no",
        "sku",
        "location_id",
        "received_qty",
        "rejected_qty",
        "arrived_ts",
        "receipt_ts",
        "putaway_ts",
        "is_final",
    ]
) }}
