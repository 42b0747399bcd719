-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "gl_balance",
    key=["legal_entity_id", "account_code", "balance_date"],
    version="updated_ts",
    event="balance_date",
    columns=[
        "legal_entity_id",
        "account_code",
        "balance_date",
        "closing_amount",
        "currency_code",
        "updated_ts",
    ]
) }}
