-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "discount_allocation",
    key=["discount_id"],
    version="event_ts",
    event="event_ts",
    columns=[
        "discount_id",
        "order_id",
        "line_no",
        "transaction_id",
        "transaction_line_no",
        "promotion_id",
        "funding_code",
        "amount",
        "currency_code",
        "event_ts",
    ]
) }}
