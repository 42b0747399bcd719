-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "loyalty_event",
    key=["loyalty_event_id"],
    version="event_ts",
    event="event_ts",
    columns=[
        "loyalty_event_id",
        "customer_id",
        "event_type",
        "points",
        "amount",
        "currency_code",
        "order_id",
        "transaction_id",
        "event_ts",
    ]
) }}
