-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "transfer_line",
    key=["transfer_id", "line_no"],
    version="version_no",
    event="created_ts",
    columns=[
        "transfer_id",
        "line_no",
        "sku",
        "from_location_id",
        "to_location_id",
        "ordered_qty",
        "shipped_qty",
        "received_qty",
        "created_ts",
        "shipped_ts",
        "completed_ts",
        "carrier_id",
        "due_date",
        "cost_amount",
        "currency_code",
        "status_code",
        "version_no",
        "updated_ts",
    ]
) }}
