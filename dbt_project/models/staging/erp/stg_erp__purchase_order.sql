-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "purchase_order",
    key=["po_id"],
    version="version_no",
    event="po_sent_ts",
    columns=[
        "po_id",
        "supplier_id",
        "location_id",
        "po_sent_ts",
        "status_code",
        "currency_code",
        "version_no",
        "updated_ts",
    ]
) }}
