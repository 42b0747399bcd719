-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "shipment_line",
    key=["shipment_id", "parcel_id", "order_id", "line_no"],
    version="packed_ts",
    event="packed_ts",
    columns=[
        "shipment_id",
        "parcel_id",
        "order_id",
        "line_no",
        "sku",
        "quantity",
        "packed_ts",
    ]
) }}
