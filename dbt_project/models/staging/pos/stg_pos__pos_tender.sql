-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "pos_tender",
    key=["transaction_id", "tender_no"],
    version="transaction_ts",
    event="transaction_ts",
    columns=[
        "transaction_id",
        "tender_no",
        "tender_type",
        "amount",
        "fee_amount",
        "currency_code",
        "transaction_ts",
    ]
) }}
