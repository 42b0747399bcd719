-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "fee_schedule",
    key=["channel_id", "fee_type", "category_code", "valid_from"],
    version="updated_ts",
    event="updated_ts",
    columns=[
        "channel_id",
        "fee_type",
        "category_code",
        "valid_from",
        "rate_share",
        "fixed_amount",
        "currency_code",
        "updated_ts",
    ]
) }}
