-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "payment",
    key=["payment_id"],
    version="event_ts",
    event="event_ts",
    columns=[
        "payment_id",
        "order_id",
        "payment_type",
        "tender_type",
        "amount",
        "currency_code",
        "fee_amount",
        "status_code",
        "event_ts",
    ]
) }}
