-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "gift_card_transaction",
    key=["gift_card_transaction_id"],
    version="event_ts",
    event="event_ts",
    columns=[
        "gift_card_transaction_id",
        "card_id",
        "legal_entity_id",
        "transaction_type",
        "amount",
        "currency_code",
        "order_id",
        "transaction_id",
        "event_ts",
    ]
) }}
