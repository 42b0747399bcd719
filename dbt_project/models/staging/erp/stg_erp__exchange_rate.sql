-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "exchange_rate",
    key=["from_currency_code", "to_currency_code", "rate_date"],
    version="updated_ts",
    event="updated_ts",
    columns=[
        "from_currency_code",
        "to_currency_code",
        "rate_date",
        "rate",
        "updated_ts",
    ]
) }}
