-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "inventory_movement",
    key=["movement_id"],
    version="event_ts",
    event="event_ts",
    columns=[
        "movement_id",
        "location_id",
        "sku",
        "movement_type",
        "quantity",
        "state_code",
        "unit_cost_amount",
        "currency_code",
        "event_ts",
        "reference_type",
        "reference_id",
        "reason_code",
    ]
) }}
