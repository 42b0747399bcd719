-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "shipment",
    key=["shipment_id"],
    version="version_no",
    event="shipped_ts",
    columns=[
        "shipment_id",
        "order_id",
        "location_id",
        "carrier_id",
        "shipped_ts",
        "ship_notice_ts",
        "is_replacement",
        "parcel_count",
        "status_code",
        "version_no",
        "updated_ts",
    ]
) }}
