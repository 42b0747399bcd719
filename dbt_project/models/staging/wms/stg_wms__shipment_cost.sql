-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "shipment_cost",
    key=["shipment_id", "cost_type"],
    version="cost_ts",
    event="cost_ts",
    columns=[
        "shipment_id",
        "cost_type",
        "reason_code",
        "amount",
        "currency_code",
        "cost_ts",
    ]
) }}
