-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "pos_transaction",
    key=["transaction_id"],
    version="transaction_ts",
    event="transaction_ts",
    columns=[
        "transaction_id",
        "location_id",
        "register_id",
        "transaction_ts",
        "transaction_type",
        "customer_id",
        "currency_code",
        "total_amount",
    ]
) }}
