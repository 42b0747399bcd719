-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "gl_posting",
    key=["posting_id"],
    version="posted_ts",
    event="posted_ts",
    columns=[
        "posting_id",
        "journal_id",
        "legal_entity_id",
        "account_code",
        "fiscal_period",
        "channel_id",
        "source_type",
        "source_id",
        "amount",
        "currency_code",
        "posted_ts",
    ]
) }}
