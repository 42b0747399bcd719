-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "bank_deposit",
    key=["deposit_id"],
    version="deposit_ts",
    event="deposit_ts",
    columns=[
        "deposit_id",
        "reference",
        "amount",
        "currency_code",
        "deposit_ts",
    ]
) }}
