-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "shipment_event",
    key=["event_id"],
    version="event_ts",
    event="event_ts",
    columns=[
        "event_id",
        "shipment_id",
        "parcel_id",
        "carrier_id",
        "event_type",
        "event_ts",
        "eta_ts",
        "reason_code",
    ]
) }}
