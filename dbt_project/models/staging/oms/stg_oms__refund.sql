-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "refund",
    key=["refund_id"],
    version="version_no",
    event="refund_ts",
    columns=[
        "refund_id",
        "order_id",
        "order_line_no",
        "transaction_id",
        "transaction_line_no",
        "return_id",
        "return_line_no",
        "refund_type",
        "amount",
        "tax_amount",
        "currency_code",
        "refund_ts",
        "settled_ts",
        "status_code",
        "version_no",
        "updated_ts",
    ],
    over_versions={
        "settled_known_ts": ["min", "case when settled_ts is not null then received_ts end"],
        "reclaimed_ts": ["min", "case when status_code = 'reclaimed' then updated_ts end"],
    }
) }}
