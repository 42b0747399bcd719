-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "settlement_line",
    key=["settlement_id", "line_no"],
    version="posted_ts",
    event="posted_ts",
    columns=[
        "settlement_id",
        "line_no",
        "external_order_key",
        "order_line_no",
        "line_type",
        "fee_type",
        "amount",
        "currency_code",
        "posted_ts",
    ]
) }}
