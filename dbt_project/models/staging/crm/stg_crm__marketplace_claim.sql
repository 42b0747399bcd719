-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "marketplace_claim",
    key=["claim_id"],
    version="version_no",
    event="opened_ts",
    columns=[
        "claim_id",
        "channel_id",
        "external_order_key",
        "claim_type",
        "is_upheld",
        "opened_ts",
        "closed_ts",
        "version_no",
        "updated_ts",
    ]
) }}
